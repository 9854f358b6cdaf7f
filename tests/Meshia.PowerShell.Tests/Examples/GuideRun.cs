using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Meshia.PowerShell.Tests;

/// <summary>
/// The steps of the guides in one <c>pwsh</c> process, statement by statement, as a person would paste them. Each page has
/// a folder, settings and sandboxes of its own. Seed, keys and clock of a sandbox are fixed, so that the outputs are the same each time.
/// </summary>
public sealed partial class GuideRun : IAsyncLifetime
{
    /// <summary>The time that the pages show for the start of a sandbox.</summary>
    private static readonly DateTimeOffset _shownStart = new(2026, 12, 1, 9, 0, 0, TimeSpan.Zero);

    /// <summary>Replaces the person, the account and the vault. The key that the person types is the key of the sandbox.</summary>
    private const string Before = """
        $ErrorActionPreference = 'Stop'
        $typed = ConvertTo-SecureString $env:SANDBOX_KEY -AsPlainText -Force
        function Read-Host([switch] $AsSecureString, [string] $Prompt) { if ($AsSecureString) { $typed } else { 'https://hooks.example/meshia' } }
        # While a person waits for experiments, the clock of the sandbox moves.
        function Wait-MeshiaExperiment {
            $null = Step-MeshiaSandbox 8
            $input | Meshia\Wait-MeshiaExperiment @args
        }
        function Enter-Page([string] $Name, [string] $Folder, [bool] $HasAccount) {
            Stop-MeshiaSandbox
            Disconnect-Meshia
            $env:MESHIA_CONFIG_PATH = "$Folder/settings"
            Set-Location $Folder
            $global:folder = $Folder
            $PSDefaultParameterValues.Clear()
            if ($HasAccount) { $PSDefaultParameterValues['Connect-Meshia:BaseUri'] = $env:MESHIA_BASE_URI }
            # Four minutes ahead, so that everything is new for the tables.
            $start = @{ Seed = 42; StandStill = $true; ProvisioningSeconds = 0; ApiKey = $env:PAGE_KEY + $Name.Length; StartTime = [datetimeoffset] $env:START }
            # Its receiver waits for events while nobody moves the clock.
            if ($Name -eq 'webhooks.md') { $start.StandStill, $start.ExperimentSeconds = $false, 0 }
            foreach ($name in @($start.Keys)) { $PSDefaultParameterValues["Start-MeshiaSandbox:$name"] = $start[$name] }
        }
        function Save-Output([string] $File, [bool] $IsPicture) {
            $PSStyle.OutputRendering = $IsPicture ? 'Ansi' : 'PlainText'
            $objects = @($input)
            # A short path, before the table wraps it.
            if ($objects.Where({ $_.PSObject.TypeNames[0] -like 'Meshia.*' })) {
                $copy = [System.Management.Automation.PSSerializer]::Serialize($objects, 9)
                if ($copy.Contains($folder)) { $objects = [System.Management.Automation.PSSerializer]::Deserialize($copy.Replace($folder, '/home/ada')) }
            }
            $objects | Out-String -Width 100 | Add-Content -LiteralPath $File
        }
        . $env:VAULT
        Register-SecretVault SecretStore InMemory

        """;

    private readonly ShellProcess _shell = new();
    private readonly DateTimeOffset _start = DateTimeOffset.FromUnixTimeSeconds(DateTimeOffset.UtcNow.AddMinutes(4).ToUnixTimeSeconds());
    private string _errors = "";

    /// <summary>Whether the pages and the pictures are written, and not compared: <c>./build.ps1 Pages</c>.</summary>
    internal static bool Writes { get; } = Environment.GetEnvironmentVariable("MESHIA_WRITE_PAGES") == "1";

    internal static IReadOnlyList<GuidePage> Pages { get; } =
    [
        new("README.md", "."), new("getting-started.md"), new("cost-and-safety.md"), new("comparisons.md"), new("artifacts.md"), new("webhooks.md"), new("sandbox.md"),
    ];

    public async ValueTask InitializeAsync()
    {
        await using var account = await LocalSandbox.StartAsync();
        await account.CreateFinishedSessionAsync();
        var module = _shell.CopyModule("out", withSandbox: true);
        using var time = new Timer(_ => account.Time.Advance(TimeSpan.FromSeconds(0.5)), null, 0, 50);

        var (_, output, error) = await _shell.RunAsync(Before + string.Concat(Pages.Select(Script)), start =>
        {
            ShellProcess.ImportFrom(start, module);
            start.Environment["SANDBOX_KEY"] = start.Environment["MESHIA_API_KEY"] = account.Key;
            start.Environment["MESHIA_BASE_URI"] = account.BaseUri.AbsoluteUri;
            start.Environment["PAGE_KEY"] = "msh_7c1e0b54d9a24f83";
            start.Environment["START"] = _start.ToString("O", CultureInfo.InvariantCulture);
            start.Environment["VAULT"] = Account.StandIn;
            // A terminal without a size has 80 columns.
            (start.Environment["TZ"], start.Environment["TERM"]) = ("UTC", "xterm");
        });
        _errors = output + error;
    }

    public ValueTask DisposeAsync()
    {
        _shell.Dispose();
        return default;
    }

    /// <summary>What the steps of a page showed, as the page shows it. Every step has run to its end.</summary>
    internal IReadOnlyList<string> OutputsOf(GuidePage page)
    {
        Assert.True(File.Exists(Path.Combine(FolderOf(page), "ended")), _errors);
        return [.. page.Steps.Select((_, index) => Shown(File.Exists(OutputOf(page, index)) ? File.ReadAllText(OutputOf(page, index)) : ""))];
    }

    /// <summary>A file that the steps of a page have made, as the page shows it.</summary>
    internal string FileOf(GuidePage page, string name) => Shown(File.ReadAllText(Path.Combine(FolderOf(page), name)));

    private string FolderOf(GuidePage page) => Path.Combine(_shell.Folder, "pages", Path.GetFileNameWithoutExtension(page.Name));

    private string OutputOf(GuidePage page, int step) => Path.Combine(FolderOf(page), FormattableString.Invariant($"step-{step}.txt"));

    private string Script(GuidePage page)
    {
        Directory.CreateDirectory(Path.Combine(FolderOf(page), "settings"));
        var script = new StringBuilder($"try {{\nEnter-Page '{page.Name}' '{FolderOf(page)}' ${page.Name != "sandbox.md"}\n");
        // What these pages have in common: a sandbox with one session.
        if (!page.Steps.Any(step => step.Code.Contains("Start-MeshiaSandbox", StringComparison.Ordinal)))
            script.Append(CultureInfo.InvariantCulture, $"& {{\n{new GuidePage("README.md").Steps[0].Code}}} | Out-Null\n");
        foreach (var (step, index) in page.Steps.Select((step, index) => (step, index)))
        {
            // PackageTests installs from packages.
            if (step.Code.StartsWith("Register-PSResourceRepository", StringComparison.Ordinal))
                continue;
            foreach (var statement in GuidePage.Parse(step.Code).EndBlock.Statements)
                script.Append(CultureInfo.InvariantCulture, $". {{ {statement.Extent.Text}\n}} | Save-Output '{OutputOf(page, index)}' ${step.Picture is not null}\n");
        }

        return script.Append(CultureInfo.InvariantCulture, $"Set-Content '{FolderOf(page)}/ended' ''\n}} catch {{ Write-Host \"{page.Name}: $_ $($_.ScriptStackTrace)\" }}\n").ToString();
    }

    /// <summary>An output with the times and the ports that the pages show.</summary>
    private string Shown(string output)
    {
        var text = Time().Replace(output, match => Shown(DateTimeOffset.Parse($"{match.Groups[1].Value} {match.Groups[3].Value}Z", CultureInfo.InvariantCulture)).ToString($"yyyy-MM-dd'{match.Groups[2].Value}'HH:mm:ss", CultureInfo.InvariantCulture));
        text = Milliseconds().Replace(text, match => Shown(DateTimeOffset.FromUnixTimeMilliseconds(long.Parse(match.Value, CultureInfo.InvariantCulture))).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture));
        text = string.Join('\n', Port().Replace(text, "$1:50000").ReplaceLineEndings("\n").Split('\n').Select(line => line.TrimEnd())).Trim('\n');
        return EmptyLines().Replace(text, "\n\n");
    }

    [GeneratedRegex("([0-9]{4}-[0-9]{2}-[0-9]{2})([T ])([0-9]{2}:[0-9]{2}:[0-9]{2})")]
    private static partial Regex Time();

    private DateTimeOffset Shown(DateTimeOffset time) => _shownStart.Add(time - _start);

    /// <summary>A time by which a report sorts. A sandbox starts up to some milliseconds after its start time.</summary>
    [GeneratedRegex("(?<=data-sort=\")[0-9]{13}(?=\")")]
    private static partial Regex Milliseconds();

    [GeneratedRegex("\n{3,}")]
    private static partial Regex EmptyLines();

    [GeneratedRegex(@"(http://127\.0\.0\.1):[0-9]{5}")]
    private static partial Regex Port();
}
