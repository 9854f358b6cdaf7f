namespace Meshia.Shell.Tests;

public sealed class ModuleTests : IDisposable
{
    private readonly Shell _shell = new();

    public void Dispose() => _shell.Dispose();

    [Fact]
    public async Task Is_imported_with_its_formats()
    {
        var outcome = await _shell.RunAsync("Get-Thing 日本\nGet-Thing plain");

        Assert.Equal("\nThing        Is\n-----        --\n日本         running\nplain        running\n\n", outcome.Output);
    }

    [Fact]
    public async Task Can_be_required_and_imported_by_name()
    {
        var outcome = await _shell.RunAsync(
            """
            #requires -Modules @{ ModuleName = 'Meshia'; ModuleVersion = '9.9' }
            Import-Module Meshia
            $modules = @(Get-Module Meshia)
            "$($modules.Count) $($modules[0].Version)"
            """);

        Assert.Equal(("1 9.9.9\n", ""), (outcome.Output, outcome.Error));
    }

    [Fact]
    public async Task That_is_not_where_it_is_said_to_be_is_named()
    {
        var outcome = await _shell.InvokeAsync([_shell.Script("'never'")], modulePath: _shell.Folder);

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("MESHIA_MODULE_PATH", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(_shell.Folder, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task That_cannot_be_imported_ends_the_run_before_the_script()
    {
        File.WriteAllText(Path.Combine(_shell.Folder, "Meshia.psd1"), "@{ ModuleVersion = '1.0'; RootModule = 'Gone.psm1' }");

        var outcome = await _shell.InvokeAsync([_shell.Script("'never'")], modulePath: _shell.Folder);

        Assert.Equal((1, ""), (outcome.ExitCode, outcome.Output));
        Assert.Contains("Gone.psm1", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_real_one_is_found_from_where_the_shell_lies()
    {
        if (FindRealModule() is null)
            Assert.Skip("out/Meshia/Meshia.psd1 is not built.");

        using var process = _shell.Start([.. Shell.Command, _shell.Script("(Get-Command -Module Meshia -Name Connect-Meshia).Name")], modulePath: "");
        var outcome = await Shell.EndAsync(process);

        Assert.Equal((0, "Connect-Meshia\n", ""), (outcome.ExitCode, outcome.Output, outcome.Error));
    }

    private static string? FindRealModule()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var manifest = Path.Combine(folder.FullName, "out", "Meshia", "Meshia.psd1");
            if (File.Exists(manifest))
                return manifest;
        }

        return null;
    }
}
