using Microsoft.Playwright;

namespace Meshia.PowerShell.Tests;

/// <summary>The page of a sandbox in a real browser, and cmdlets that use the same sandbox.</summary>
public sealed class SandboxPageTests(Browser browser) : IClassFixture<Browser>, IDisposable
{
    private readonly ModuleSession _session = new();

    public void Dispose()
    {
        _session.Output("Stop-MeshiaSandbox");
        _session.Dispose();
    }

    [Fact]
    public async Task What_cmdlets_do_appears_without_a_reload_and_the_page_controls_the_sandbox_by_keyboard()
    {
        var address = Text("$sandbox = Start-MeshiaSandbox -Connect -StandStill; [uri]::new($sandbox.BaseUri, '/').AbsoluteUri");
        var key = Text("[System.Net.NetworkCredential]::new('', $sandbox.GetApiKey()).Password");
        await using var page = await browser.OpenAsync($"{address}#{key}");
        await page.View.Locator("#content").WaitForAsync();

        var id = Text("(New-MeshiaSession from-a-cmdlet rtx4090).Id");
        await page.View.Locator("#sessions").GetByText(id).WaitForAsync();
        await page.View.Locator("#requests").GetByText("POST /sessions").WaitForAsync();

        await page.View.Locator("#on").FillAsync("GET /webhooks");
        await page.View.Locator("#effect").SelectOptionAsync("Malformed");
        await page.View.Locator("#count").FillAsync("1");
        await page.View.Locator("#count").PressAsync("Enter");
        await page.View.Locator("#faults").GetByText("GET /webhooks").WaitForAsync();
        // The next cmdlet is hit, and reads once more.
        Assert.Empty(_session.Output("Get-MeshiaWebhook"));
        Assert.Matches("^flt_[0-9a-f]+ Malformed,$", Text("@(Get-MeshiaSandboxRequest -Path /webhooks).Fault -join ','"));
        await page.View.Locator("#requests").GetByText("Malformed").WaitForAsync();

        await page.View.GetByRole(AriaRole.Button, new() { Name = "+12 h" }).FocusAsync();
        await page.View.Keyboard.PressAsync("Enter");
        await page.View.Locator("#sessions").GetByText("stopped").WaitForAsync();
        Assert.Equal("stopped", Text("(Get-MeshiaSession $id).Status", ("id", id)));

        Assert.NotEmpty(page.Asked);
        Each.Of(page.Asked, asked => Assert.StartsWith(address, asked, StringComparison.Ordinal));
        Assert.DoesNotContain(page.Asked, asked => asked.Contains(key, StringComparison.Ordinal) && !asked.EndsWith($"#{key}", StringComparison.Ordinal));
        Assert.Empty(page.Said);
        Assert.Empty(await page.Context.CookiesAsync());
    }

    private string Text(string script, params (string Name, object? Value)[] variables) => (string)_session.Output(script, variables).Single().BaseObject;
}
