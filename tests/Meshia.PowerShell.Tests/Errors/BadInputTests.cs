using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

/// <summary>What a user gives that cannot work is refused before anything is sent, with a right one shown.</summary>
[Trait("Culture", "Dependent")]
public sealed class BadInputTests
{
    [Theory]
    [InlineData("secret-without-prefix", "does not start with 'msh_'")]
    [InlineData("msh_", "does not start with 'msh_'")]
    [InlineData("msh_secret\nsecond-line", "line break")]
    [InlineData("msh_sëcret", "not ASCII")]
    [InlineData("msh_secret ", "space")]
    [InlineData("", "empty")]
    public void An_invalid_key_is_refused_and_not_shown(string key, string reason)
    {
        using var session = new ModuleSession();

        foreach (var call in new[] { "Connect-Meshia -ApiKey $key", "Start-MeshiaSandbox -ApiKey $key" })
        {
            var error = Ended(session, call, ("key", key));

            Assert.Equal(ErrorCategory.InvalidArgument, error.CategoryInfo.Category);
            Assert.Contains(reason, error.ToString(), StringComparison.Ordinal);
            if (key.Length > 4)
                Assert.DoesNotContain(key.Trim()[4..], $"{error}{error.Exception}{error.TargetObject}{error.ErrorDetails}", StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_bad_key_in_the_environment_is_refused_before_any_request_and_not_repeated()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("[]"));
        using var shell = new ShellProcess();

        var (exitCode, output, error) = await shell.RunAsync("try { Get-MeshiaSession } catch { $_.FullyQualifiedErrorId; \"$_\"; $_.Exception.ToString() }", start =>
        {
            start.Environment["MESHIA_API_KEY"] = "not-a-key-at-all";
            start.Environment["MESHIA_BASE_URI"] = service.BaseUri.AbsoluteUri;
        });

        Assert.Equal((0, ""), (exitCode, error));
        Assert.StartsWith("InvalidEnvironment,Meshia.PowerShell.GetMeshiaSession\n", output);
        Assert.Contains("MESHIA_API_KEY", output, StringComparison.Ordinal);
        Assert.DoesNotContain("not-a-key", output, StringComparison.Ordinal);
        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task Without_a_key_every_cmdlet_ends_and_names_the_ways_to_give_one()
    {
        string[] calls =
        [
            "Get-MeshiaSession", "New-MeshiaSession a rtx4090", "Stop-MeshiaSession a", "Get-MeshiaExperiment", "Compare-MeshiaExperiment a, b",
            "Get-MeshiaArtifact a", "Save-MeshiaArtifact a", "Get-MeshiaWebhook", "Register-MeshiaWebhook https://example.com -AllEvents",
            "Unregister-MeshiaWebhook a -Confirm:$false", "Invoke-MeshiaRequest a", "Test-MeshiaConnection",
            "Sync-MeshiaExperiment a", "Test-MeshiaExperiment a -Rule @{ loss = '< 1' }", "Wait-MeshiaExperiment a", "Wait-MeshiaSession a",
            "Use-MeshiaSession -Gpu rtx4090 { }", "Get-MeshiaRateLimit", "Get-MeshiaUsage",
        ];
        Assert.Equal(
            ModuleSurface.Cmdlets.Where(cmdlet => cmdlet.ImplementingType.BaseType!.Name is "MeshiaCmdlet" or "ReadingCmdlet" or "MeasuringCmdlet" or "WaitingCmdlet" or "StartingCmdlet").Select(cmdlet => cmdlet.Name),
            calls.Select(call => call.Split(' ')[0]).Order(StringComparer.Ordinal));
        using var shell = new ShellProcess();

        // Each is silenced: what ends a call is not a matter of taste.
        var (exitCode, output, error) = await shell.RunAsync(string.Concat(calls.Append("Connect-Meshia").Select(call => $"try {{ {call} -ErrorAction Ignore; 'went on' }} catch {{ \"$($_.FullyQualifiedErrorId): $_\" }}\n")));

        Assert.Equal((0, ""), (exitCode, error));
        var lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(calls.Length + 1, lines.Length);
        Each.Of(lines, line => Assert.Matches(
            "^(NotConnected|NoApiKey),.*Connect-Meshia -ApiKey .*MESHIA_API_KEY.*Connect-Meshia -ApiKey … -Save.*Start-MeshiaSandbox -Connect", line));
    }

    [Theory]
    [InlineData("http://meshia.example.com/api/v1", "unencrypted")]
    [InlineData("ftp://127.0.0.1/", "not an http(s) address")]
    [InlineData("run.meshia.io", "not an http(s) address")]
    [InlineData("https://user:password@run.meshia.io/", "no user")]
    public void An_address_that_would_give_the_key_away_is_refused_with_the_reason(string address, string reason)
    {
        using var session = new ModuleSession();
        session.Connect(new("http://127.0.0.1:1/api/v1"));

        var error = Ended(session, "Connect-Meshia -ApiKey $key -BaseUri $address", ("key", ModuleSession.NewKey()), ("address", address));

        Assert.Equal("InvalidConnection,Meshia.PowerShell.ConnectMeshia", error.FullyQualifiedErrorId);
        Assert.Contains(reason, error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("password", error.ToString(), StringComparison.Ordinal);
        // The connection before is not what was chosen.
        Assert.Empty(session.Output("Get-MeshiaConnection"));
    }

    [Theory]
    [InlineData("New-MeshiaSession '' rtx4090", "Name")]
    [InlineData("New-MeshiaSession '  ' rtx4090", "Name", "llama-finetune")]
    [InlineData("New-MeshiaSession a ''", "Gpu")]
    [InlineData("New-MeshiaSession a 'RTX 4090'", "Gpu", "rtx4090")]
    [InlineData("New-MeshiaSession a \"rtx4090`n\"", "Gpu", "rtx4090")]
    [InlineData("New-MeshiaSession a rtx4090 user/repo", "Repo", "github:user/repo")]
    [InlineData("New-MeshiaSession a rtx4090 https://github.com/user/repo", "Repo", "github:user/repo")]
    [InlineData("New-MeshiaSession a rtx4090 github:user", "Repo", "github:user/repo")]
    [InlineData("Register-MeshiaWebhook http://example.com/hook -AllEvents", "Uri", "https://your-server.com/meshia-hook")]
    [InlineData("Register-MeshiaWebhook example.com/hook -AllEvents", "Uri", "https://your-server.com/meshia-hook")]
    [InlineData("Register-MeshiaWebhook ftp://example.com/hook -AllEvents", "Uri", "https://your-server.com/meshia-hook")]
    [InlineData("Register-MeshiaWebhook https://example.com/hook session.begun", "Event", "session.started")]
    [InlineData("Register-MeshiaWebhook https://example.com/hook session.started, nothing", "Event", "session.started")]
    [InlineData("Register-MeshiaWebhook https://example.com/hook ''", "Event")]
    [InlineData("Get-MeshiaSession ''", "Id")]
    [InlineData("Stop-MeshiaSession @()", "Id")]
    [InlineData("Invoke-MeshiaRequest /a OPTIONS", "Method", "GET")]
    public async Task A_parameter_that_cannot_be_right_is_refused_and_a_right_one_shown(string call, string parameter, string? right = null)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("{}"));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var refused = Assert.IsType<ParameterBindingException>(Ended(session, call).Exception, exactMatch: false);

        Assert.Equal(parameter, refused.ParameterName);
        Assert.Contains(right ?? $"'{parameter}'", refused.Message, StringComparison.Ordinal);
        Assert.Empty(service.Requests);
    }

    [Theory]
    [InlineData("Get-MeshiaSession ..")]
    [InlineData("Stop-MeshiaSession .")]
    [InlineData("Get-MeshiaSession \"a`nb\"")]
    [InlineData("Invoke-MeshiaRequest ../../admin")]
    [InlineData("Invoke-MeshiaRequest /a -Method POST -Body '{half'")]
    [InlineData("Compare-MeshiaExperiment exp_1")]
    [InlineData("Compare-MeshiaExperiment exp_1, exp_1")]
    public async Task An_error_found_during_the_call_is_an_error_of_the_item_and_nothing_is_sent(string call)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("{}"));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke($"{call}; 'went on'");

        Assert.Equal("went on", Assert.Single(result.Output).ToString());
        Assert.DoesNotContain("(Parameter '", result.Error.ToString(), StringComparison.Ordinal);
        Assert.StartsWith("InvalidArgument,", result.Error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidArgument, result.Error.CategoryInfo.Category);
        Assert.Empty(service.Requests);
    }

    [Fact]
    public async Task A_destination_below_a_file_is_an_error_with_the_path()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        var id = await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();
        var folder = Directory.CreateTempSubdirectory("meshia-destination-");
        var file = Path.Combine(folder.FullName, "file");
        await File.WriteAllTextAsync(file, "kept", TestContext.Current.CancellationToken);

        var result = session.Invoke("Get-MeshiaExperiment -SessionId $id | Get-MeshiaArtifact -Name metrics.json | Save-MeshiaArtifact -Destination $file", ("id", id), ("file", file));

        Assert.Empty(result.Output);
        Assert.True(result.Errors.Count > 1, "Each file is an error of its own.");
        Each.Of(result.Errors, error =>
        {
            Assert.Equal("FileError,Meshia.PowerShell.SaveMeshiaArtifact", error.FullyQualifiedErrorId);
            Assert.Contains(file, error.ToString(), StringComparison.Ordinal);
            Assert.StartsWith("art_", (string)error.TargetObject);
        });
        Assert.Equal("kept", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken));
        Assert.Single(folder.EnumerateFileSystemInfos("*", SearchOption.AllDirectories));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_folder_in_the_place_of_the_file_is_an_error_with_the_path_and_nothing_half_written()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        var id = await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();
        var folder = Directory.CreateTempSubdirectory("meshia-destination-");
        session.Output("$artifact = @(Get-MeshiaExperiment -SessionId $id | Get-MeshiaArtifact -Name metrics.json)[0]", ("id", id));
        var place = Path.Combine(folder.FullName, session.Output("$artifact.ExperimentId")[0].ToString(), "metrics.json");
        Directory.CreateDirectory(place);

        var result = session.Invoke("$artifact | Save-MeshiaArtifact -Destination $folder -Force:$force", ("folder", folder.FullName), ("force", true));

        Assert.Empty(result.Output);
        Assert.Equal("FileError,Meshia.PowerShell.SaveMeshiaArtifact", result.Error.FullyQualifiedErrorId);
        Assert.Contains(place, result.Error.ToString(), StringComparison.Ordinal);
        Assert.Empty(folder.EnumerateFiles("*", SearchOption.AllDirectories));
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task A_folder_that_may_not_be_written_is_an_error_with_the_path()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows keeps nobody from writing into a folder of mode 0555.");
        Assert.SkipWhen(Environment.UserName == "root", "root may write anywhere.");
        await using var sandbox = await LocalSandbox.StartAsync();
        var id = await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();
        var folder = Directory.CreateTempSubdirectory("meshia-destination-");
        if (!OperatingSystem.IsWindows())
            folder.UnixFileMode = UnixFileMode.UserRead | UnixFileMode.UserExecute;

        var result = session.Invoke("@(Get-MeshiaExperiment -SessionId $id | Get-MeshiaArtifact)[0] | Save-MeshiaArtifact -Destination $folder", ("id", id), ("folder", folder.FullName));

        Assert.Equal("FileError,Meshia.PowerShell.SaveMeshiaArtifact", result.Error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.PermissionDenied, result.Error.CategoryInfo.Category);
        Assert.Contains(folder.FullName, result.Error.ToString(), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            folder.UnixFileMode |= UnixFileMode.UserWrite;
        folder.Delete(recursive: true);
    }

    /// <summary>The error that ends a call, whatever the user prefers; it must not be one that lets the call go on.</summary>
    private static ErrorRecord Ended(ModuleSession session, string call, params (string Name, object? Value)[] variables)
    {
        var error = (ErrorRecord)Assert.Single(session.Output($"try {{ {call} -ErrorAction SilentlyContinue; 'went on' }} catch {{ $_ }}", variables)).BaseObject;
        Assert.DoesNotContain("(Parameter '", error.ToString(), StringComparison.Ordinal);
        return error;
    }
}
