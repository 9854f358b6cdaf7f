using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Meshia.PowerShell.Tests;

/// <summary>The page of a history, in a real browser.</summary>
public sealed class HistoryPageTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private readonly HistoryFiles _files = new();

    public void Dispose() => _files.Dispose();

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task The_page_is_accessible_and_asks_for_nothing(ColorScheme scheme)
    {
        Export(HistoryFiles.Sweep(250));
        await using var page = await browser.OpenAsync(_files.Page, new() { ColorScheme = scheme });
        foreach (var details in await page.View.Locator("summary").AllAsync())
            await details.ClickAsync();

        var found = await page.View.RunAxe();

        Assert.Empty(found.Violations.Select(violation => $"{violation.Id}: {string.Join(", ", violation.Nodes.Select(node => node.Html))}"));
        Assert.Contains(found.Passes, rule => rule.Id == "color-contrast");
        Assert.Empty(page.Said);
        Assert.Equal([new Uri(_files.Page).AbsoluteUri], page.Asked);
        Assert.Equal(["Best per metric", "Experiments", "Plots"], await page.View.GetByRole(AriaRole.Heading, new() { Level = 2 }).AllTextContentsAsync());
        Assert.Collection(
            await page.View.Locator(".plot svg[role=img]").EvaluateAllAsync<string[]>("all => all.map(image => image.getAttribute('aria-label'))"),
            over => Assert.Matches("^accuracy of 225 experiments over the time of their creation.* More is better", over),
            against => Assert.Matches("^accuracy of 225 experiments by ", against),
            parallel => Assert.Matches("^Parallel coordinates of .* and accuracy for 225 experiments", parallel));
    }

    [Fact]
    public async Task The_table_sorts_by_mouse_and_keyboard_and_turns_its_pages()
    {
        Export(HistoryFiles.Sweep(250));
        await using var page = await browser.OpenAsync(_files.Page);
        var button = Heading(page, "loss");

        await button.ClickAsync();
        Assert.Equal(["exp_0100", "exp_0099", "exp_0101"], (await IdsAsync(page)).Take(3));
        Assert.Equal("ascending", await button.Locator("..").GetAttributeAsync("aria-sort"));
        await Assertions.Expect(page.View.GetByRole(AriaRole.Status)).ToHaveTextAsync("Sorted by loss, ascending. 250 of 250 experiments.");

        await button.PressAsync("Enter");
        Assert.Equal(["exp_0249", "exp_0248", "exp_0247"], (await IdsAsync(page)).Take(3));
        Assert.Equal("descending", await button.Locator("..").GetAttributeAsync("aria-sort"));

        // NaN comes behind the numbers, and what is not there behind that, in either direction.
        var next = page.View.GetByRole(AriaRole.Button, new() { Name = "Next" });
        await next.ClickAsync();
        await next.PressAsync("Enter");
        await Assertions.Expect(page.View.Locator(".pages").GetByText("Rows 201 to 250 of 250")).ToBeVisibleAsync();
        Assert.Equal([.. Enumerable.Range(0, 25).Select(number => $"exp_{(number * 10) + 4:0000}"), .. Enumerable.Range(0, 25).Select(number => $"exp_{(number * 10) + 3:0000}")], await IdsAsync(page));
        await next.PressAsync("Enter");
        await Assertions.Expect(page.View.Locator(".pages").GetByText("Rows 201 to 250 of 250")).ToBeVisibleAsync();

        await button.PressAsync("Space");
        Assert.Equal(["exp_0000", "exp_0001", "exp_0002"], (await IdsAsync(page)).Take(3));
        Assert.Null(await button.Locator("..").GetAttributeAsync("aria-sort"));
        Assert.Empty(page.Said);
    }

    [Fact]
    public async Task The_filter_takes_words_and_conditions()
    {
        Export(HistoryFiles.Sweep(250));
        await using var page = await browser.OpenAsync(_files.Page);
        foreach (var (query, count, first) in new[]
        {
            ("\"run 12\"", 11, "exp_0012"), ("loss<0.02", 3, "exp_0099"), ("loss<=0.02 optimizer.name=SGD", 2, "exp_0099"), ("optimizer.lr=1e-3 status=failed", 0, null),
            ("optimizer.lr=0.00010 status=failed", 25, "exp_0003"), ("loss=nan", 25, "exp_0004"), ("created>=2026-01-11", 10, "exp_0240"), ("ID=exp_0007", 1, "exp_0007"),
            ("amp!=true duration>61", 166, "exp_0001"), ("nosuch<1", 0, null), ("", 250, "exp_0000"),
        })
        {
            await page.View.GetByLabel("Filter").FillAsync(query);

            await Assertions.Expect(page.View.GetByRole(AriaRole.Status)).ToHaveTextAsync(new System.Text.RegularExpressions.Regex($"^{count} of 250 experiments\\."));
            Assert.Equal(first is null ? [] : [first], (await IdsAsync(page)).Take(1));
            Assert.Equal(query.StartsWith("nosuch", StringComparison.Ordinal), await page.View.GetByText("No column is named nosuch; it is searched for as text.").IsVisibleAsync());
        }

        Assert.Empty(page.Said);
    }

    [Fact]
    public async Task Status_and_columns_are_chosen_and_plots_follow_the_filter()
    {
        Export(HistoryFiles.Sweep(250));
        await using var page = await browser.OpenAsync(_files.Page);

        await page.View.GetByLabel("Status", new() { Exact = true }).SelectOptionAsync("failed");
        await Assertions.Expect(page.View.Locator(".pages").GetByText("Rows 1 to 25 of 25")).ToBeVisibleAsync();
        await Assertions.Expect(page.View.GetByText("No experiment has these values.")).ToHaveCountAsync(3);
        await page.View.GetByLabel("Status", new() { Exact = true }).SelectOptionAsync("completed");
        await Assertions.Expect(page.View.GetByRole(AriaRole.Img, new() { NameRegex = new("^accuracy of 225 experiments over") })).ToBeVisibleAsync();

        await page.View.GetByText("Columns", new() { Exact = true }).ClickAsync();
        await page.View.GetByRole(AriaRole.Checkbox, new() { Name = "loss" }).UncheckAsync();
        await Assertions.Expect(Heading(page, "loss")).ToHaveCountAsync(0);
        await page.View.Locator(".plot").Nth(1).GetByLabel("Configuration").SelectOptionAsync("optimizer.name");
        await Assertions.Expect(page.View.GetByRole(AriaRole.Img, new() { NameRegex = new("^accuracy of 225 experiments by optimizer.name.$") })).ToBeVisibleAsync();
        Assert.Empty(page.Said);
    }

    [Fact]
    public async Task Without_script_the_first_experiments_are_the_same_as_with_it()
    {
        Export([.. HistoryFiles.Sweep(150), HistoryFiles.Line("exp_x")]);
        await using var plain = await browser.OpenAsync(_files.Page, new() { JavaScriptEnabled = false });
        await using var page = await browser.OpenAsync(_files.Page);
        const string Cells = "rows => rows.map(row => [...row.cells].map(cell => `${cell.className}|${cell.title}|${cell.textContent}`))";

        var without = await plain.View.Locator("#experiments ~ .scroll tbody tr").EvaluateAllAsync<string[][]>(Cells);

        Assert.Equal(100, without.Length);
        Assert.Equal(await page.View.Locator("#experiments ~ .scroll tbody tr").EvaluateAllAsync<string[][]>(Cells), without);
        Assert.Equal(0, await plain.View.Locator("button, input").CountAsync());
        await Assertions.Expect(plain.View.GetByText("need JavaScript")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_hostile_name_stays_text_everywhere()
    {
        string[] hostile =
        [
            "</script><script>alert(1)</script>", "<!--<script>", "]]></style><img src=x onerror=alert(1)>", "\"><svg onload=alert(1)>'`${alert(1)}", "👩‍🚀 עברית ﷺ é", "__proto__", "constructor",
        ];
        Export(hostile.Select((text, number) => HistoryFiles.Line(
            $"exp_{number}",
            text,
            text,
            hostile.Append("loss").ToDictionary(name => name, name => (object)(name == "loss" ? text : number)),
            hostile.ToDictionary(name => name, name => (object)text))));
        await using var page = await browser.OpenAsync(_files.Page);
        await page.View.GetByText("Columns", new() { Exact = true }).ClickAsync();
        foreach (var box in await page.View.Locator("#filter").GetByRole(AriaRole.Checkbox).AllAsync())
            await box.CheckAsync();

        foreach (var (text, number) in hostile.Select((text, number) => (text, number)))
        {
            await page.View.GetByLabel("Filter").FillAsync($"id=exp_{number}");
            await Heading(page, text).First.ClickAsync();
            await page.View.Locator(".plot").Nth(0).GetByLabel("Metric").SelectOptionAsync(new SelectOptionValue { Label = text });
            await page.View.Locator(".plot").Nth(1).GetByLabel("Configuration").SelectOptionAsync(new SelectOptionValue { Label = text });
            Assert.Equal([text], await page.View.Locator("#experiments ~ .scroll tbody th bdi").AllTextContentsAsync());
        }

        Assert.Equal(2, await page.View.Locator("script").CountAsync());
        Assert.Equal(0, await page.View.Locator("img, [onload], [onerror]").CountAsync());
        Assert.Empty(page.Said);
        Assert.Equal([new Uri(_files.Page).AbsoluteUri], page.Asked);
    }

    private static ILocator Heading(Browser.Page page, string name) =>
        page.View.Locator("#experiments ~ .scroll thead button").Filter(new() { Has = page.View.Locator("bdi").GetByText(name, new() { Exact = true }) });

    private static Task<IReadOnlyList<string>> IdsAsync(Browser.Page page) => page.View.Locator("#experiments ~ .scroll tbody td:nth-child(2)").AllTextContentsAsync();

    private void Export(params IEnumerable<string> lines)
    {
        _files.Write(lines);
        using var session = new ModuleSession();
        session.Output("Export-MeshiaHistory $page -HistoryPath $archive", ("page", _files.Page), ("archive", _files.Archive));
    }
}
