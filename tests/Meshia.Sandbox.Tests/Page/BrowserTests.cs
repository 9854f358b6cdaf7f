using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Meshia.Sandbox.Tests.Page;

/// <summary>The page in a browser without a window. Where there is none, the tests are skipped. With cmdlets beside it, SandboxPageTests of the module shows it.</summary>
public sealed class BrowserTests : IAsyncLifetime
{
    private static readonly string[] _names = ["chromium", "chromium-browser", "google-chrome", "chrome", "msedge"];

    private IPlaywright? _playwright;
    private IBrowser? _browser;

    public async ValueTask InitializeAsync()
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => _names.Select(name => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name)))
            .FirstOrDefault(File.Exists);
        if (program is null)
            return;
        _playwright = await Playwright.CreateAsync();
        _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = ["--no-sandbox", "--disable-gpu"] });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    [Theory]
    [InlineData(ColorScheme.Light)]
    [InlineData(ColorScheme.Dark)]
    public async Task It_is_accessible(ColorScheme scheme)
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var page = await OpenAsync(sandbox, scheme);
        await sandbox.CreateFinishedSessionAsync();
        await Faults.FaultTests.AddAsync(sandbox, new { on = "GET /webhooks", effect = "status" });
        await page.Locator("#faults").GetByText("GET /webhooks").WaitForAsync();
        var result = await page.RunAxe();
        Assert.NotEmpty(result.Passes);
        Assert.Empty(result.Violations.Select(violation => $"{violation.Id}: {violation.Nodes[0].Html}"));
    }

    [Fact]
    public async Task Without_a_key_it_asks_for_one()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var page = await OpenAsync(sandbox, ColorScheme.Light, withKey: false);
        await page.Locator("#key").FillAsync(TestSandbox.Key);
        await page.Locator("#key").PressAsync("Enter");
        await page.Locator("#content").WaitForAsync();
    }

    private async Task<IPage> OpenAsync(TestSandbox sandbox, ColorScheme scheme, bool withKey = true)
    {
        Assert.SkipWhen(_browser is null, $"There is none of these browsers on PATH: {string.Join(", ", _names)}.");
        var context = await _browser!.NewContextAsync(new() { ColorScheme = scheme });
        var page = await context.NewPageAsync();
        await page.GotoAsync(new Uri(sandbox.BaseUri, withKey ? $"/#{TestSandbox.Key}" : "/").AbsoluteUri);
        if (withKey)
            await page.Locator("#content").WaitForAsync();
        return page;
    }
}
