using Microsoft.Playwright;

namespace Meshia.PowerShell.Tests;

/// <summary>A browser without a window; a test that needs it is skipped where there is none.</summary>
public sealed class Browser : IAsyncLifetime
{
    private static readonly string[] _names = ["chromium", "chromium-browser", "google-chrome", "chrome", "msedge"];

    /// <summary>Milliseconds for a start or a step: a loaded build agent takes a while.</summary>
    private const float Patience = 120_000;

    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private string _reason = "";

    public async ValueTask InitializeAsync()
    {
        var program = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(Path.PathSeparator)
            .SelectMany(folder => _names.Select(name => Path.Combine(folder, OperatingSystem.IsWindows() ? name + ".exe" : name)))
            .FirstOrDefault(File.Exists);
        if (program is null)
        {
            _reason = $"There is none of these browsers on PATH: {string.Join(", ", _names)}.";
            return;
        }

        try
        {
            _playwright = await Playwright.CreateAsync();
            _browser = await _playwright.Chromium.LaunchAsync(new() { ExecutablePath = program, Args = ["--no-sandbox", "--disable-gpu"], Timeout = Patience });
        }
        catch (PlaywrightException failure)
        {
            _reason = $"{program} cannot be started: {failure.Message}";
        }
    }

    /// <summary>Opens a file.</summary>
    public async Task<Page> OpenAsync(string path, BrowserNewContextOptions? options = null)
    {
        Assert.SkipWhen(_browser is null, _reason);
        var context = await _browser!.NewContextAsync(options ?? new());
        context.SetDefaultTimeout(Patience);
        var page = await context.NewPageAsync();
        var seen = new Page(context, page);
        page.Console += (_, message) => seen.Said.Add($"{message.Type}: {message.Text}");
        page.PageError += (_, error) => seen.Said.Add(error);
        page.Dialog += (_, dialog) =>
        {
            seen.Said.Add($"dialog: {dialog.Message}");
            _ = dialog.DismissAsync();
        };
        page.Request += (_, request) => seen.Asked.Add(request.Url);
        await page.GotoAsync(new Uri(path).AbsoluteUri);
        return seen;
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
    }

    /// <param name="Context">The browser's context.</param>
    /// <param name="View">The page.</param>
    public sealed record Page(IBrowserContext Context, IPage View) : IAsyncDisposable
    {
        /// <summary>What the console, an error or a dialog said.</summary>
        public List<string> Said { get; } = [];

        /// <summary>Which addresses were asked for.</summary>
        public List<string> Asked { get; } = [];

        public ValueTask DisposeAsync() => Context.DisposeAsync();
    }
}
