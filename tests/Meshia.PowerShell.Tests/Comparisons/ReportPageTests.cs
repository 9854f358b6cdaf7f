using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Meshia.PowerShell.Tests;

/// <summary>The HTML of a comparison, in a real browser.</summary>
public sealed class ReportPageTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private readonly string _path = Path.Combine(Directory.CreateTempSubdirectory("meshia-page-").FullName, "report.html");

    public void Dispose() => Directory.Delete(Path.GetDirectoryName(_path)!, recursive: true);

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task A_comparison_of_the_sandbox_is_accessible_and_asks_for_nothing(ColorScheme scheme)
    {
        await ExportSandboxAsync();
        await using var page = await browser.OpenAsync(_path, new() { ColorScheme = scheme });

        var found = await page.View.RunAxe();

        Assert.Empty(found.Violations.Select(violation => $"{violation.Id}: {string.Join(", ", violation.Nodes.Select(node => node.Html))}"));
        Assert.Contains(found.Passes, rule => rule.Id == "color-contrast");
        Assert.Empty(page.Said);
        Assert.Equal([new Uri(_path).AbsoluteUri], page.Asked);
        await Assertions.Expect(page.View.GetByRole(AriaRole.Img, new() { NameRegex = new("^Bars of accuracy for 4 of 4 experiments. More is better.$") })).ToBeVisibleAsync();
        await Assertions.Expect(page.View.GetByRole(AriaRole.Img, new() { NameRegex = new("^Lines over points of loss_history") })).ToBeVisibleAsync();
        Assert.Equal(["Experiments", "Metrics", "Plots", "Configuration"], await page.View.GetByRole(AriaRole.Heading, new() { Level = 2 }).AllTextContentsAsync());
        await Assertions.Expect(page.View.GetByRole(AriaRole.Region, new() { Name = "Metrics" }).GetByRole(AriaRole.Rowheader, new() { Name = "accuracy" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_heading_sorts_up_down_and_back_by_mouse_and_by_keyboard()
    {
        Export(ComparisonObject.Of(["a", "b", "c"], [], [("m0", [1.0000000000000002e-7, 1.0, 1.0]), ("m1", [10.0, 1.0, 1.0]), ("m2", [9.0, 1.0, 2.0]), ("m3", [ComparisonObject.Missing.Value, 1.0, 1.0]), ("m4", [-1e300, 1.0, 1.0]), ("m5", ["text", 1.0, 1.0]), ("m6", ["NaN", 1.0, 2.0]), ("m7", [1e-7, 1.0, 1.0])]));
        await using var page = await browser.OpenAsync(_path);
        var table = page.View.GetByRole(AriaRole.Region, new() { Name = "Metrics" });
        var heading = table.GetByRole(AriaRole.Columnheader).Nth(2);
        var button = heading.GetByRole(AriaRole.Button);

        await button.ClickAsync();
        Assert.Equal(["m4", "m7", "m0", "m2", "m1", "m6", "m5", "m3"], await KeysAsync());
        Assert.Equal("ascending", await heading.GetAttributeAsync("aria-sort"));
        await Assertions.Expect(page.View.GetByRole(AriaRole.Status)).ToHaveTextAsync("Sorted by a baseline, ascending.");

        await button.PressAsync("Enter");
        Assert.Equal(["m1", "m2", "m0", "m7", "m4", "m5", "m6", "m3"], await KeysAsync());
        Assert.Equal("descending", await heading.GetAttributeAsync("aria-sort"));

        await button.PressAsync("Space");
        Assert.Equal(["m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7"], await KeysAsync());
        Assert.Null(await heading.GetAttributeAsync("aria-sort"));
        Assert.Empty(page.Said);

        Task<IReadOnlyList<string>> KeysAsync() => table.GetByRole(AriaRole.Rowheader).AllTextContentsAsync();
    }

    [Fact]
    public async Task The_theme_is_the_systems_until_the_button_is_pressed()
    {
        await ExportSandboxAsync();
        await using var page = await browser.OpenAsync(_path, new() { ColorScheme = ColorScheme.Dark });
        var dark = await ColorsAsync();

        await page.View.GetByRole(AriaRole.Button, new() { Name = "Light theme" }).ClickAsync();
        var light = await ColorsAsync();
        await page.View.GetByRole(AriaRole.Button, new() { Name = "Dark theme" }).ClickAsync();

        Assert.Equal(dark, await ColorsAsync());
        Each.Of(dark.Zip(light), pair => Assert.NotEqual(pair.First, pair.Second));
        await page.View.EmulateMediaAsync(new() { ColorScheme = ColorScheme.Light });
        Assert.Equal(dark, await ColorsAsync());
        Assert.Empty((await page.View.RunAxe()).Violations);

        // Of the page, of a text in a plot, of a bar and of a line.
        Task<string[]> ColorsAsync() => page.View.EvaluateAsync<string[]>("['body', 'svg text', 'svg .b1', 'svg .s0'].map((name, index) => { const style = getComputedStyle(document.querySelector(name)); return [style.backgroundColor, style.fill, style.fill, style.stroke][index]; })");
    }

    [Fact]
    public async Task Without_script_everything_is_there_but_the_buttons()
    {
        await ExportSandboxAsync();
        await using var page = await browser.OpenAsync(_path, new() { JavaScriptEnabled = false });

        Assert.Equal(0, await page.View.Locator("button").CountAsync());
        await Assertions.Expect(page.View.GetByRole(AriaRole.Columnheader, new() { Name = "Goal" })).ToBeVisibleAsync();
        await Assertions.Expect(page.View.GetByRole(AriaRole.Img).First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Script_in_a_name_or_a_value_stays_text()
    {
        const string Script = "</td></title></style></script><script>alert(1)</script><img src=x onerror=alert(2)>";
        Export(ComparisonObject.Of([Script, "b"], [(Script, [Script, "c"])], [(Script, [1.0, 2.0]), (Script + "2", [new object[] { 1.0, 2.0 }, new object[] { 2.0, 3.0 }])], "Minimize"));
        await using var page = await browser.OpenAsync(_path);

        Assert.Empty(page.Said);
        Assert.Equal(1, await page.View.Locator("script").CountAsync());
        Assert.Equal(0, await page.View.Locator("img").CountAsync());
        Assert.Equal(Script, await page.View.Locator("tbody th bdi").First.TextContentAsync());
        Assert.Equal($"Bars of {Script} for 2 of 2 experiments. Less is better.", await page.View.Locator("figure > svg > title").First.TextContentAsync());
        Assert.Equal([new Uri(_path).AbsoluteUri], page.Asked);
    }

    private async Task ExportSandboxAsync()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();
        session.Output("Get-MeshiaExperiment | Compare-MeshiaExperiment | Export-MeshiaComparison -Path $path", ("path", _path));
    }

    private void Export(System.Management.Automation.PSObject comparison)
    {
        using var session = new ModuleSession();
        session.Output("Export-MeshiaComparison -InputObject $comparison -Path $path", ("comparison", comparison), ("path", _path));
    }
}
