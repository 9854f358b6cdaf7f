using System.Diagnostics;

namespace Meshia.PowerShell.Tests;

/// <summary>The net472 half as the package has it, run by Mono in place of .NET Framework.</summary>
public sealed class FrameworkTests
{
    /// <summary>What tests/FrameworkRun/Conduct.cs prints.</summary>
    private static readonly string _conduct = string.Join('\n',
        "resolved for others nothing",
        @"names \uD83E\uDD70.bin %43ON dot%2E a%E2%80%8Db ..%5Cup x%2Epartial e\u0301",
        "file 2 of 1",
        "held FileInUseException",
        "json 4 9007199254740993 2 [null,true,1E-07,0.1,2.5,0.30000000000000004]",
        "expects False, connections 16, lease 300 s",
        "defaults of others True True",
        "TrustFailure was never sent True",
        "SecureChannelFailure was never sent True",
        "ReceiveFailure was never sent False",
        "legacy /b",
        "id ../webhooks True",
        "id a/b True",
        @"id a\b True",
        "sent 0",
        "signed FormatException https://host/a-b?sig=%2F%2B",
        "");

    [Fact]
    public async Task The_client_that_ships_for_Windows_PowerShell_runs_on_Mono()
    {
        Assert.SkipUnless(HasMono(), "There is no mono on the PATH, or it lacks netstandard.dll (Debian and Ubuntu: apt-get install mono-devel).");
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        var folder = Directory.CreateTempSubdirectory("meshia-mono-");
        try
        {
            var half = Path.Combine(ModuleSession.ModulePath, "net472");
            var program = Path.Combine(Repository.Root, "tests", "FrameworkRun", "bin", PackedModule.Configuration, "net472", "FrameworkRun.exe");
            var start = new ProcessStartInfo("mono", [program, half, sandbox.BaseUri.AbsoluteUri, sandbox.Key, folder.FullName]) { RedirectStandardOutput = true, RedirectStandardError = true };
            using var process = Process.Start(start)!;
            var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
            var output = (await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken)).ReplaceLineEndings("\n");
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);

            Assert.Equal("", await error);
            Assert.Matches("^tls True\nsessions 1 running\nexperiments 3\ncompared 3\n(saved True Sha256\n)+failed session_not_found\nstopped\n", output);
            Assert.Equal(_conduct, output[(output.IndexOf("stopped\n", StringComparison.Ordinal) + "stopped\n".Length)..]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>The runtime alone does not know what netstandard is.</summary>
    private static bool HasMono() => Environment.GetEnvironmentVariable("PATH")!.Split(Path.PathSeparator)
        .Any(folder => File.Exists(Path.Combine(folder, "mono")) && File.Exists(Path.Combine(folder, "..", "lib", "mono", "4.5", "Facades", "netstandard.dll")));
}
