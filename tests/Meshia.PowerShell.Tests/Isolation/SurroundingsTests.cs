using System.Diagnostics;

namespace Meshia.PowerShell.Tests;

/// <summary>What lies around the module must not decide what it does: proxies, the current folder, its own folder after the import.</summary>
public sealed class SurroundingsTests : IDisposable
{
    private readonly ShellProcess _shell = new();

    public void Dispose() => _shell.Dispose();

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("localhost")]
    [InlineData("LOCALHOST")]
    [InlineData("127.1")]
    public async Task A_proxy_never_sees_a_request_to_this_machine(string host)
    {
        await using var service = await ScriptedAccount.StartAsync();
        await using var proxy = await ScriptedService.StartAsync(Reply.Ok("[]"));
        await using var receiver = await ScriptedService.StartAsync(Reply.Ok("{}"));
        string At(Uri uri) => uri.AbsoluteUri.Replace("127.0.0.1", host, StringComparison.Ordinal);

        var (_, output, error) = await _shell.RunAsync(
            """
            param($uri, $receiver)
            Connect-Meshia -ApiKey msh_proxy_test_0001 -BaseUri $uri
            (Get-MeshiaSession)[0].Id
            (Send-MeshiaWebhook $receiver).StatusCode
            """,
            start => Use(start, proxy.Origin, "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"),
            At(service.BaseUri), At(receiver.BaseUri));

        Assert.Equal(("sess_2\n200\n", ""), (output, error));
        Assert.Empty(proxy.Requests);
    }

    [Theory]
    [InlineData(407)]
    [InlineData(403)]
    public async Task A_proxy_that_refuses_is_named_and_asked_once_and_its_password_shown_nowhere(int status)
    {
        await using var proxy = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            await connection.AnswerAsync("no", status, "Connection: close\r\n");
        });

        var (_, output, error) = await _shell.RunAsync(
            """
            Start-Transcript -Path ./transcript.txt | Out-Null
            $DebugPreference = $VerbosePreference = 'Continue'
            Connect-Meshia -ApiKey msh_proxy_test_0002 -BaseUri https://meshia.example/api/v1
            Test-MeshiaConnection | Format-List *
            try { Get-MeshiaSession } catch { }
            New-MeshiaSession x rtx4090
            $Error | Format-List * -Force
            $Error | ForEach-Object { for ($e = $_.Exception; $e; $e = $e.InnerException) { "$e" } }
            'ids: ' + ($Error.FullyQualifiedErrorId -join ' ')
            Stop-Transcript | Out-Null
            """,
            start => Use(start, new UriBuilder(proxy.Origin) { UserName = "svc", Password = "S3cret%40x" }.Uri, "HTTPS_PROXY", "https_proxy"));

        var all = output + error + File.ReadAllText(Path.Combine(_shell.Folder, "transcript.txt"));
        Assert.DoesNotContain("S3cret", all, StringComparison.Ordinal);
        Assert.Contains("ids: proxy_refused,Meshia.PowerShell.NewMeshiaSession proxy_refused,Meshia.PowerShell.GetMeshiaSession", output, StringComparison.Ordinal);
        Assert.Contains($"status {status}", output, StringComparison.Ordinal);
        Assert.Equal(3, proxy.Requests.Count);
        Each.Of(proxy.Requests, request => Assert.Equal("CONNECT meshia.example:443", request));
    }

    [Fact]
    public async Task A_program_of_the_current_folder_is_not_started()
    {
        if (OperatingSystem.IsWindows())
        {
            Assert.Skip("The planted program is a shell script.");
            return;
        }

        var planted = Path.Combine(_shell.Folder, "dotnet");
        File.WriteAllText(planted, "#!/bin/sh\necho ran > \"$(dirname \"$0\")/ran\"\n");
        File.SetUnixFileMode(planted, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);

        // dotnet itself is started by this test, so only its child sees the PATH with entries that mean the current folder.
        var (exitCode, output, error) = await _shell.RunAsync(
            """
            $env:PATH = ":.:./:$env:PATH"
            (Start-MeshiaSandbox -Connect).BaseUri.Host
            Test-MeshiaConnection -Quiet
            """);

        Assert.Equal((0, "127.0.0.1\nTrue\n", ""), (exitCode, output, error));
        Assert.False(File.Exists(Path.Combine(_shell.Folder, "ran")));
    }

    [Theory]
    [InlineData("Remove-Item -Recurse -Force $module")]
    [InlineData("Get-ChildItem -Recurse -File $module -Filter *.dll | ForEach-Object { Remove-Item $_.FullName; Set-Content -Path $_.FullName -Value 'another version' }")]
    public async Task A_pod_is_stopped_although_the_folder_of_the_module_was_replaced(string update)
    {
        await using var service = await ScriptedService.StartAsync(request => Reply.Ok(SessionJson.Of("sess_1", status: request.Path.EndsWith("/stop", StringComparison.Ordinal) ? "stopping" : "running")));
        var module = _shell.CopyModule();

        var (_, output, error) = await _shell.RunAsync(
            $$"""
            param($module, $uri)
            Import-Module $module
            Connect-Meshia -ApiKey msh_update_test_0001 -BaseUri $uri
            {{update}}
            $session = New-MeshiaSession x rtx4090
            $session | Stop-MeshiaSession -PassThru | ForEach-Object Status
            """,
            null, module, service.BaseUri.AbsoluteUri);

        Assert.Equal(("stopping\n", ""), (output, error));
    }

    [Fact]
    public void A_sandbox_ends_with_the_runspace_that_started_it()
    {
        var session = new ModuleSession();
        var processId = (int)session.Output("(Start-MeshiaSandbox).ProcessId")[0].BaseObject;

        session.Dispose();

        Assert.DoesNotContain(Process.GetProcesses(), process => process.Id == processId);
    }

    private static void Use(ProcessStartInfo start, Uri proxy, params string[] variables)
    {
        foreach (var variable in variables)
            start.Environment[variable] = proxy.AbsoluteUri;
        start.Environment["NO_PROXY"] = start.Environment["no_proxy"] = "";
    }
}
