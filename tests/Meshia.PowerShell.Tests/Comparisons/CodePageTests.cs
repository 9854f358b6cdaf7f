using System.Text;

namespace Meshia.PowerShell.Tests;

/// <summary>The table in a real pwsh whose output has an old code page, as that of a scheduled task on Windows.</summary>
public sealed class CodePageTests
{
    private const string Compare = """
        $experiments = Get-MeshiaSession | Get-MeshiaExperiment | Where-Object Status -eq completed
        Compare-MeshiaExperiment $experiments[0..1] -Goal @{ loss = 'Minimize'; accuracy = 'Maximize' } | Out-String | Write-Host
        """;

    [Theory]
    [InlineData("us-ascii")]
    [InlineData("iso-8859-1")]
    [InlineData("ibm437")]
    [InlineData("ibm850")]
    public async Task Signs_that_the_encoding_lacks_are_ASCII(string encoding)
    {
        Encoding.RegisterProvider(CodePagesEncodingProvider.Instance);

        var output = await RunAsync($"[Console]::OutputEncoding = [System.Text.Encoding]::GetEncoding('{encoding}')\n{Compare}", Encoding.GetEncoding(encoding));

        // It also marks a goal that is guessed.
        Assert.Equal((await RunAsync(Compare, Encoding.UTF8)).Count(sign => sign == '?'), output.Count(sign => sign == '?'));
        Assert.Contains("v less is better", output, StringComparison.Ordinal);
        Assert.Contains("^ more is better", output, StringComparison.Ordinal);
        Each.Of(output, sign => Assert.InRange(sign, '\n', '~'));
    }

    [Fact]
    public async Task Unicode_has_arrows() =>
        Assert.Contains("↓ less is better · ↑ more is better", await RunAsync(Compare, Encoding.UTF8), StringComparison.Ordinal);

    private static async Task<string> RunAsync(string script, Encoding encoding)
    {
        using var shell = new ShellProcess();
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        var (exitCode, output, error) = await shell.RunAsync(script, start =>
        {
            start.StandardOutputEncoding = encoding;
            start.Environment["MESHIA_API_KEY"] = sandbox.Key;
            start.Environment["MESHIA_BASE_URI"] = sandbox.BaseUri.AbsoluteUri;
        });
        Assert.True(exitCode == 0 && error.Length == 0, error + output);
        return output;
    }
}
