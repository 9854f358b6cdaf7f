using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

/// <summary>Several accounts side by side, and the file that lists them.</summary>
[Collection(SharedEnvironment.Name)]
[Trait("Culture", "Dependent")]
public sealed class ProfileTests : IDisposable
{
    private readonly Account _account = new();

    public void Dispose() => _account.Dispose();

    [Fact]
    public async Task A_profile_for_one_call_leaves_the_connection_as_it_is()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"sessions":[]}"""));
        var (work, home) = (ModuleSession.NewKey(), ModuleSession.NewKey());
        _account.Save("work", work, service.BaseUri);
        _account.Session.Connect(service.BaseUri, home);

        _account.Session.Output("Get-MeshiaSession; Get-MeshiaSession -Profile Work; Get-MeshiaSession");

        Assert.Equal([home, work, home], service.Requests.Select(request => request.Headers["Authorization"]["Bearer ".Length..]));
        Assert.Equal(Account.Shown(home), _account.Session.Output("(Get-MeshiaConnection).Key")[0].ToString());
        Assert.Equal(Account.Shown(work), _account.Session.Output("(Get-MeshiaConnection -Profile work).Key")[0].ToString());
    }

    [Fact]
    public void Every_cmdlet_that_talks_to_the_service_takes_a_profile()
    {
        var without = _account.Session.Output("""
            foreach ($command in Get-Command -Module Meshia) {
                if (-not $command.Parameters.ContainsKey('Profile')) { $command.Name }
            }
            """).Select(name => name.ToString());

        // These send nothing to the service.
        Assert.Equal(
            ["ConvertFrom-MeshiaWebhook", "Export-MeshiaComparison", "Export-MeshiaHistory", "Publish-MeshiaComparison", "Receive-MeshiaWebhook", "Send-MeshiaWebhook", "Test-MeshiaWebhookSignature"],
            without.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("Get-MeshiaSession -Profile ")]
    [InlineData("Connect-Meshia -Profile ")]
    [InlineData("Disconnect-Meshia -Forget -Profile ")]
    [InlineData("Get-MeshiaConnection -Profile ")]
    public void Names_of_profiles_are_completed(string line)
    {
        foreach (var name in new[] { "work", "wiki", "home" })
            _account.Save(name, ModuleSession.NewKey());

        Assert.Equal(["home", "wiki", "work"], Complete(line).Order(StringComparer.Ordinal));
        Assert.Equal(["wiki", "work"], Complete(line + "W").Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Everything_that_the_module_wrote_is_removed_at_once_and_nothing_else()
    {
        foreach (var name in new[] { "work", "home" })
            _account.Save(name, ModuleSession.NewKey());
        File.WriteAllText(Path.Combine(_account.Folder, "mine.txt"), "mine");
        var state = Directory.CreateDirectory(Path.Combine(_account.Folder, "state", "deliveries"));
        File.WriteAllText(Path.Combine(state.FullName, "log"), "x");

        _account.Session.Output("Disconnect-Meshia -Forget -All -WhatIf");
        Assert.True(File.Exists(_account.ProfileFile));
        _account.Session.Output("Disconnect-Meshia -Forget -All");

        Assert.Equal(["mine.txt"], Directory.EnumerateFileSystemEntries(_account.Folder).Select(Path.GetFileName));
        Assert.Empty(_account.Session.Output("Get-SecretInfo -Name Meshia-* -Vault Store"));
        Assert.Empty(_account.Session.Output("Get-MeshiaConnection -ListAvailable"));
    }

    [Fact]
    public void All_profiles_are_listed_without_asking_a_vault()
    {
        _account.Save("work", ModuleSession.NewKey(), new Uri("https://one.example/api/v1"));
        _account.Save("home", ModuleSession.NewKey(), new Uri("https://two.example/api/v1"));
        _account.Session.Output("$StandInVaults.Store.VaultParameters.Behavior = 'Hangs'");

        var listed = _account.Session.Output("Get-MeshiaConnection -ListAvailable");

        Assert.Equal(["home https://two.example/api/v1 Store Meshia-home", "work https://one.example/api/v1 Store Meshia-work"],
            listed.Select(profile => $"{profile.Properties["Name"].Value} {profile.Properties["BaseUri"].Value} {profile.Properties["Vault"].Value} {profile.Properties["SecretName"].Value}").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_key_that_is_saved_anew_is_used_at_once_by_name_too()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"sessions":[]}"""));
        var (before, after) = (ModuleSession.NewKey(), ModuleSession.NewKey());
        _account.Save("work", before, service.BaseUri);
        _account.Session.Output("Get-MeshiaSession -Profile work");

        _account.Session.Output("Connect-Meshia -ApiKey $key -Save -Profile work; Get-MeshiaSession; Get-MeshiaSession -Profile work", ("key", after));

        // One of them tests the new key.
        Assert.Equal([before, after, after, after], service.Requests.Select(request => request.Headers["Authorization"]["Bearer ".Length..]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"profiles":[]}""")]
    [InlineData("""{"profiles":{"work":{"vault":"Store"}}}""")]
    public void A_damaged_file_is_named_and_never_overwritten(string content)
    {
        File.WriteAllText(_account.ProfileFile, content);
        string[] commands =
        [
            // After a choice that failed, no account is used until one is chosen, so this one comes first.
            "Get-MeshiaSession",
            "Connect-Meshia -Profile work", "Connect-Meshia -ApiKey $key -Save -Profile other", "Disconnect-Meshia -Forget -Profile work",
            "Get-MeshiaConnection -ListAvailable", "Get-MeshiaSession -Profile work", "Connect-Meshia",
        ];

        foreach (var command in commands)
        {
            var error = _account.Failure(command, ("key", ModuleSession.NewKey()));

            Assert.Equal("ProfileFileError", error.FullyQualifiedErrorId.Split(',')[0]);
            Assert.Equal(ErrorCategory.InvalidData, error.CategoryInfo.Category);
            Assert.Contains(_account.ProfileFile, error.ToString(), StringComparison.Ordinal);
            Assert.Equal(content, File.ReadAllText(_account.ProfileFile));
        }

        Assert.Empty(_account.Session.Output("Get-SecretInfo -Vault Store"));
        Assert.Empty(Complete("Get-MeshiaSession -Profile "));
    }

    [Fact]
    public void A_damaged_file_does_not_matter_with_another_key()
    {
        File.WriteAllText(_account.ProfileFile, "{");
        var (given, set) = (ModuleSession.NewKey(), ModuleSession.NewKey());

        Account.Key = set;
        var shown = _account.Session.Output("(Get-MeshiaConnection).Key; (Connect-Meshia -ApiKey $key -PassThru).Key; (Connect-Meshia -PassThru).Key", ("key", given));

        Assert.Equal([Account.Shown(set), Account.Shown(given), Account.Shown(set)], shown.Select(item => item.ToString()));
    }

    [Fact]
    public void A_file_that_an_editor_has_saved_with_a_byte_order_mark_is_read()
    {
        _account.Save("work", ModuleSession.NewKey());
        File.WriteAllText(_account.ProfileFile, File.ReadAllText(_account.ProfileFile), new System.Text.UTF8Encoding(encoderShouldEmitUTF8Identifier: true));

        Assert.Equal("work", Assert.Single(_account.Session.Output("(Get-MeshiaConnection -ListAvailable).Name")).ToString());
    }

    [Fact]
    public void An_address_that_would_show_the_key_is_refused_also_in_the_file()
    {
        _account.Save("work", ModuleSession.NewKey(), new Uri("https://one.example/api/v1"));
        File.WriteAllText(_account.ProfileFile, File.ReadAllText(_account.ProfileFile).Replace("https://", "http://", StringComparison.Ordinal));

        var result = _account.Session.Invoke("Get-MeshiaSession -Profile work");

        Assert.Equal("ProfileFileError,Meshia.PowerShell.GetMeshiaSession", result.Error.FullyQualifiedErrorId);
        Assert.Contains("without https", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains(_account.ProfileFile, result.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void The_file_belongs_to_its_owner_alone_and_nothing_else_is_left_beside_it()
    {
        Environment.SetEnvironmentVariable("MESHIA_CONFIG_PATH", Path.Combine(_account.Folder, "new", "folder"));
        _account.Save("work", ModuleSession.NewKey());
        _account.Save("home", ModuleSession.NewKey());
        var folder = new DirectoryInfo(Path.Combine(_account.Folder, "new", "folder"));

        Assert.Equal(["profiles.json", "profiles.json.lock"], folder.GetFiles().Select(file => file.Name).Order(StringComparer.Ordinal));
        if (OperatingSystem.IsWindows())
            return;
        const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        Each.Of(folder.GetFiles(), file => Assert.Equal(Owner, file.UnixFileMode));
        Assert.Equal(Owner | UnixFileMode.UserExecute, folder.UnixFileMode);
    }

    [Fact]
    public async Task A_reader_finds_the_file_whole_whenever_it_looks()
    {
        _account.Save("work", ModuleSession.NewKey());
        using var done = new CancellationTokenSource();
        var reading = Task.Run(() =>
        {
            var reads = 0;
            for (; !done.IsCancellationRequested; reads++)
                Assert.EndsWith("}", File.ReadAllText(_account.ProfileFile), StringComparison.Ordinal);
            return reads;
        }, TestContext.Current.CancellationToken);

        for (var i = 0; i < 50; i++)
            _account.Save($"p{i}", ModuleSession.NewKey());
        await done.CancelAsync();

        Assert.NotEqual(0, await reading);
        Assert.Equal(51, _account.Session.Output("Get-MeshiaConnection -ListAvailable").Count);
    }

    [Fact]
    public void A_folder_that_cannot_be_written_is_named()
    {
        var file = Path.Combine(_account.Folder, "file");
        File.WriteAllText(file, "");
        Environment.SetEnvironmentVariable("MESHIA_CONFIG_PATH", Path.Combine(file, "below"));

        var result = _account.Session.Invoke("Connect-Meshia -ApiKey $key -Save", ("key", ModuleSession.NewKey()));

        Assert.Equal("ProfileFileError,Meshia.PowerShell.ConnectMeshia", result.Error.FullyQualifiedErrorId);
        Assert.Contains(file, result.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fifty_processes_that_save_at_once_all_find_their_profile_in_the_file()
    {
        // Some are whole scripts; the others start faster and do what Connect-Meshia -Save does in the end.
        const int Scripts = 3;
        const int Writers = 47;
        using var shell = new ShellProcess();
        var go = Path.Combine(shell.Folder, "go");
        var script = shell.Write($$"""
            param($Name, $Ready, $Go)
            . '{{Account.StandIn}}'
            Register-SecretVault Store InMemory
            [IO.File]::WriteAllText($Ready, '')
            while (-not [IO.File]::Exists($Go)) { Start-Sleep -Milliseconds 20 }
            Connect-Meshia -ApiKey msh_key_of_$Name -Save -Profile $Name
            """);
        var writer = Path.Combine(Repository.Root, "tests", "ProfileWriter", "bin", new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name, "net10.0", "ProfileWriter.dll");
        var names = Enumerable.Range(1, Scripts + Writers).Select(number => $"profile{number}").ToList();
        var processes = names.ConvertAll(name => shell.Start(
            script,
            start =>
            {
                if (names.IndexOf(name) < Scripts)
                    return;
                // The writer in place of the shell, which takes no script.
                start.ArgumentList.Clear();
                foreach (var argument in new[] { "exec", writer, name, Ready(name), go })
                    start.ArgumentList.Add(argument);
            },
            name, Ready(name), go));
        try
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
            patience.CancelAfter(TimeSpan.FromMinutes(5));
            while (Directory.GetFiles(shell.Folder, "ready-*").Length < names.Count && !processes.Exists(process => process.HasExited))
                await Task.Delay(50, patience.Token);
            await File.WriteAllTextAsync(go, "", patience.Token);

            foreach (var outcome in await Task.WhenAll(processes.Select(ShellProcess.EndAsync)))
                Assert.Equal((0, "", ""), outcome);
        }
        finally
        {
            processes.ForEach(process => process.Dispose());
        }

        Environment.SetEnvironmentVariable("MESHIA_CONFIG_PATH", shell.Folder);
        var saved = _account.Session.Output("(Get-MeshiaConnection -ListAvailable).Name").Select(name => name.ToString());
        Assert.Equal(names.Order(StringComparer.Ordinal), saved.Order(StringComparer.Ordinal));
        Assert.Empty(Directory.GetFiles(shell.Folder, "*.tmp"));

        string Ready(string name) => Path.Combine(shell.Folder, $"ready-{name}");
    }

    private List<string> Complete(string line)
    {
        using var shell = System.Management.Automation.PowerShell.Create(_account.Session.Runspace);
        return [.. CommandCompletion.CompleteInput(line, line.Length, null, shell).CompletionMatches.Select(match => match.CompletionText)];
    }
}
