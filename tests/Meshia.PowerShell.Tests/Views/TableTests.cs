using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Meshia.PowerShell.Tests;

/// <summary>What a person sees on a terminal of 80 columns.</summary>
[Trait("Culture", "Dependent")]
public sealed class TableTests : IDisposable
{
    private const int Columns = 80;

    private const string Long = "a-very-long-name-of-something-that-somebody-made-up-on-a-friday-evening-and-never-shortened";

    /// <summary>A script for each type, and the table that it shows; an empty one is looked at by another test.</summary>
    private static readonly Dictionary<string, (string Script, string Table)> _tables = new()
    {
        ["Meshia.Session"] = ("Get-MeshiaSession", """
            Id                    Status       Gpu      Created  Ends    Name
            --                    ------       ---      -------  ----    ----
            sess_2                running      rtx4090  {age}   llama-finetune
            sess_1                running      rtx4090  {age}   llama-finetune
            """),
        ["Meshia.Experiment"] = ("Get-MeshiaExperiment exp_1", """
            Id                   Status           Duration Name             Metrics
            --                   ------           -------- ----             -------
            exp_1                completed          1m 01s baseline         loss=0.31
            """),
        // It has no fixed columns.
        ["Meshia.ExperimentComparison"] = ("", ""),
        ["Meshia.ComparisonRow"] = ("(Compare-MeshiaExperiment exp_1, exp_2 -All).Metrics", """
            Key                    Goal     Values                           Best
            ---                    ----     ------                           ----
            eval.loss              Minimize exp_1: 0.4, exp_2: 0.4
            loss                   Minimize exp_1: 0.31, exp_2: 0.31
            """),
        ["Meshia.MetricTest"] = ("Test-MeshiaExperiment exp_1 -Rule @{ loss = '< 0.1' }", """
               ExperimentId: exp_1

            Passed Metric            Rule                  Value Reason
            ------ ------            ----                  ----- ------
            False  loss              < 0.1                  0.31 it is 0.31
            """),
        ["Meshia.PublishedComparison"] = ("Test-MeshiaExperiment exp_1 -Rule @{ loss = '< 1' } | Publish-MeshiaComparison -SummaryPath \"$folder/g.md\" -Kind Summary", """
            Kind       Action    Title          Uri
            ----       ------    -----          ---
            Summary    Created   Gate           file://{folder}/g.md
            """),
        ["Meshia.Artifact"] = ("Get-MeshiaArtifact exp_1 -Id art_1", """
            Id                        Size Created  Name
            --                        ---- -------  ----
            art_1                      9 B {age}   art_1.txt
            """),
        ["Meshia.SavedArtifact"] = ("Get-MeshiaArtifact exp_1 -Id art_1 | Save-MeshiaArtifact -Destination $folder", """
                 Size Verified    Path
                 ---- --------    ----
                  9 B Size        {folder}/exp_1/art_1.txt
            """),
        ["Meshia.Webhook"] = ("Get-MeshiaWebhook wh_1", """
            Id                  Active Events               Url
            --                  ------ ------               ---
            wh_1                True   session.started      https://your-server.com/meshia-
                                       experiment.failed    hook/wh_1
            """),
        ["Meshia.WebhookEvent"] = ("""ConvertFrom-MeshiaWebhook -AllowUnverified -Body '{"event":"session.started","timestamp":"2026-01-02T03:04:05Z","session_id":"sess_1","data":{"gpu":"rtx4090","cost":{"usd":1}}}'""", """
            Timestamp           EventType            Verified About
            ---------           ---------            -------- -----
            {time} session.started      False    sess_1 cost gpu=rtx4090
            """),
        ["Meshia.WebhookDelivery"] = ("Send-MeshiaWebhook \"$((Get-MeshiaConnection).BaseUri)/hook\"", """
            EventType            Status   Latency Signed Uri
            ---------            ------   ------- ------ ---
            ping                    204 {latency} False  {uri}/hook
            """),
        ["Meshia.MeshiaConnection"] = ("Connect-Meshia msh_0123456789abcdef -BaseUri https://run.meshia.io/api/v1 -PassThru", """
            Profile    KeySource      Vault       Key       BaseUri
            -------    ---------      -----       ---       -------
                       Parameter                  msh_…cdef https://run.meshia.io/api/v1
            """),
        ["Meshia.ConnectionProfile"] = ("", ""),
        ["Meshia.ConnectionTest"] = ("Connect-Meshia $key -BaseUri http://127.0.0.1:1 -MaximumRetryCount 0; Test-MeshiaConnection", """
            Reachable Authenticated Latency RequestsLeft BaseUri / Error
            --------- ------------- ------- ------------ ---------------
            False     False                           59 http://127.0.0.1:1/
                                                         The connection to 127.0.0.1:1 failed: Connection refused
            """),
        ["Meshia.RateLimit"] = ("Connect-Meshia $key -BaseUri http://127.0.0.1:1; Get-MeshiaRateLimit", """
            Limit Used Polls Reads Creates Stops Paused Shared BaseUri
            ----- ---- ----- ----- ------- ----- ------ ------ -------
               60    0    30    51      54    60        True   http://127.0.0.1:1/
            """),
        ["Meshia.RateLimitCommand"] = ("Get-MeshiaSession | Out-Null; (Get-MeshiaRateLimit).Commands", """
            Command                          Sent Waiting
            -------                          ---- -------
            Get-MeshiaSession                   1 0
            """),
        // Hours pass meanwhile.
        ["Meshia.Usage"] = ("", ""),
        // The path is longer than a line.
        ["Meshia.ExperimentSyncResult"] = ("", ""),
        ["Meshia.MeshiaSandbox"] = ("", ""),
        ["Meshia.SandboxClock"] = ("Step-MeshiaSandbox 60", """
            Now                  StandsStill Events
            ---                  ----------- ------
            {time}  True        7
            """),
        ["Meshia.SandboxDelivery"] = ("Get-MeshiaSandboxDelivery", """
            Event                Try Status Created             Error
            -----                --- ------ -------             -----
            session.stopped        1    204 {time}
            """),
        ["Meshia.SandboxFault"] = ("Add-MeshiaSandboxFault 'GET *' Status -Status 503", """
            Id                   Effect           Matches  Hits On
            --                   ------           -------  ---- --
            flt_1                Status                 2     1 GET *
            """),
        ["Meshia.SandboxRequest"] = ("Get-MeshiaSandboxRequest", """
            Number Method  Status Fault            Path
            ------ ------  ------ -----            ----
                 1 POST       201 Delay            /sessions
            """),
    };

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-views-");

    public static TheoryData<string> Types => [.. _tables.Where(table => table.Value.Script.Length > 0).Select(table => table.Key)];

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory, MemberData(nameof(Types))]
    public async Task A_table_shows_what_matters(string type)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows() && type is "Meshia.SavedArtifact" or "Meshia.ConnectionTest", "Paths and the system's errors read otherwise on Windows.");
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        session.Output("Select-MeshiaSandbox -BaseUri $origin -ApiKey $key", ("origin", service.Origin), ("key", ModuleSession.NewKey()));
        session.Columns = Columns;
        var time = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", System.Globalization.CultureInfo.InvariantCulture);

        var shown = Plain(session.Shown(_tables[type].Script, ("folder", _folder.FullName), ("key", ModuleSession.NewKey())));

        // How long a receiver takes to answer is never the same, nor how long ago something was.
        shown = Regex.Replace(Regex.Replace(shown, " +[0-9]+ ms", " {latency}"), @"(just now|[0-9]+(m|h|d|mo|y) ago) *", "{age}   ");
        // PowerShell breaks lines between words in some languages, and anywhere in others.
        shown = Regex.Replace(shown, @"(?<=127\.0\.0\.1:1)\s+f\s*a\s*i\s*l\s*e\s*d", " failed");

        Assert.Equal(_tables[type].Table.ReplaceLineEndings("\n").Replace("{time}", time, StringComparison.Ordinal).Replace("{uri}", service.BaseUri.AbsoluteUri, StringComparison.Ordinal).Replace("{folder}", _folder.FullName, StringComparison.Ordinal), shown);
    }

    [Fact]
    public void Every_type_has_a_table_and_a_list_and_every_table_is_looked_at()
    {
        using var session = new ModuleSession();
        XDocument[] formats = [XDocument.Load(Path.Combine(ModuleSession.ModulePath, "Meshia.format.ps1xml")), XDocument.Load(Path.Combine(ModuleSession.SandboxModulePath, "Meshia.Sandbox.format.ps1xml"))];
        var viewed = Selected("TableControl").Concat(Selected("CustomControl")).Order();
        // Whatever is given out, and whatever lies in it: each object of this module has its own table.
        var types = session.Output("""
            $types = (Get-Command -Module Meshia, Meshia.Sandbox).OutputType.Type.Where({ $_.Namespace -eq 'Meshia' })
            $parts = $types.GetProperties().PropertyType.Where({ $_.IsGenericType }).ForEach({ $_.GetGenericArguments() }).Where({ $_.Namespace -eq 'Meshia' -and -not $_.IsEnum })
            @($types) + @($parts) | ForEach-Object { $_.FullName }
            """).Select(type => (string)type.BaseObject).Distinct().Order();

        Assert.Equal(types, viewed);
        Assert.Equal(_tables.Keys.Order(), viewed);
        Assert.Equal(_tables.Keys.Order(), Selected("ListControl").Order());

        IEnumerable<string> Selected(string control) => formats.Descendants("View").Where(view => view.Element(control) is not null).Select(view => view.Element("ViewSelectedBy")!.Value.Trim());
    }

    [Fact]
    public void At_60_columns_each_column_shows_its_heading_in_one_line_or_is_hidden()
    {
        XDocument[] formats = [XDocument.Load(Path.Combine(ModuleSession.ModulePath, "Meshia.format.ps1xml")), XDocument.Load(Path.Combine(ModuleSession.SandboxModulePath, "Meshia.Sandbox.format.ps1xml"))];

        Each.Of(formats.Descendants("TableControl"), table =>
        {
            var columns = table.Descendants("TableColumnHeader").Select(header => (Label: header.Element("Label")!.Value, Width: (int?)header.Element("Width"))).ToList();
            // One column has what the others leave. PowerShell cuts the columns from the right.
            var rest = 60 - columns.Sum(column => column.Width ?? 0) - (columns.Count - 1);
            var left = 60;
            foreach (var (label, width) in columns.TakeWhile(_ => left > 0))
            {
                var shown = Math.Min(width ?? rest, left);
                Assert.True(shown >= label.Length, $"{label} has {shown} of 60 columns.");
                left -= shown + 1;
            }
        });
    }

    [Theory]
    [InlineData("Get-MeshiaSession")]
    [InlineData("Get-MeshiaExperiment x")]
    [InlineData("Get-MeshiaArtifact x")]
    [InlineData("Get-MeshiaArtifact x | Save-MeshiaArtifact -Destination $folder")]
    [InlineData("Get-MeshiaWebhook")]
    [InlineData("(Compare-MeshiaExperiment x, x2).Config")]
    [InlineData("(Compare-MeshiaExperiment x, x2).Metrics")]
    [InlineData("Test-MeshiaExperiment x -Rule @{ '*' = '< 1' }")]
    [InlineData("Connect-Meshia $key \"https://$long.example.com/$long/\" -PassThru")]
    [InlineData("Connect-Meshia $key \"http://localhost:1/$long/$long/\" -MaximumRetryCount 0; Test-MeshiaConnection")]
    public async Task No_line_is_longer_than_the_terminal_however_long_the_values(string script)
    {
        await using var service = await ScriptedService.StartAsync((request, context) => LongAnswer(request, $"http://{context.Request.Host}").SendAsync(context.Response));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        session.Columns = Columns;
        // The ids are longer than those that are asked for, which is a warning.
        var shown = Plain(session.Shown($"$WarningPreference = 'SilentlyContinue'; {script}", ("folder", _folder.FullName), ("key", ModuleSession.NewKey()), ("long", Long[..60])));

        Assert.Contains("----", shown, StringComparison.Ordinal);
        Each.Of(shown.Split('\n'), line => Assert.True(line.Length <= Columns, line));
    }

    [Fact]
    public async Task A_status_has_its_colour()
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        Assert.Contains("\e[36mrunning\e[0m", session.Shown("Get-MeshiaSession"), StringComparison.Ordinal);
        Assert.Contains("\e[32mcompleted\e[0m", session.Shown("Get-MeshiaExperiment exp_1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task NO_COLOR_turns_colours_off()
    {
        await using var service = await ScriptedAccount.StartAsync();
        using var shell = new ShellProcess();

        var (exitCode, output, _) = await shell.RunAsync($"Connect-Meshia {ModuleSession.NewKey()} -BaseUri {service.BaseUri}; Get-MeshiaSession");

        Assert.Equal(0, exitCode);
        Assert.Contains("running", output, StringComparison.Ordinal);
        Assert.DoesNotContain('\e', output);
    }

    [Fact]
    public async Task A_missing_field_is_shown_as_an_empty_cell()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""[{"id":"only_an_id"}]"""));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        foreach (var script in new[] { "Get-MeshiaSession", "Get-MeshiaExperiment -SessionId x", "Get-MeshiaArtifact x", "Get-MeshiaWebhook" })
            Assert.Equal("only_an_id", Plain(session.Shown(script)).Split('\n')[2].TrimEnd());
    }

    [Theory]
    [InlineData("Get-MeshiaSession")]
    [InlineData("Get-MeshiaExperiment -SessionId x")]
    [InlineData("Get-MeshiaArtifact x")]
    public async Task A_name_cannot_control_the_terminal(string script)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""[{"id":"x","name":"a\u001b[2J\r\nb","status":"c\u001b[2J","metrics":{"d\u001b[2J":1}}]"""));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var shown = session.Shown(script);

        Assert.Contains("a\uFFFD[2J  b", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("\e[2J", shown, StringComparison.Ordinal);
    }

    private static Reply LongAnswer(SeenRequest request, string origin) => request.Endpoint switch
    {
        "GET /sessions" => Reply.Ok($$"""[{"id":"{{Long}}","name":"{{Long}}","gpu":"{{Long}}","status":"{{Long}}","created_at":"2026-01-02T03:04:05Z"}]"""),
        "GET /experiments/x" => Reply.Ok($$$"""{"id":"{{{Long}}}","name":"{{{Long}}}","status":"{{{Long}}}","duration_seconds":999999999,"config":{"{{{Long}}}":"{{{Long}}}"},"metrics":{"{{{Long}}}":1e300,"loss":1e-300}}"""),
        "GET /experiments/x/artifacts" => Reply.Ok($$"""[{"id":"{{Long}}","name":"{{Long}}.txt","created_at":"2026-01-02T03:04:05Z"}]"""),
        "GET /webhooks" => Reply.Ok($$"""[{"id":"{{Long}}","url":"https://{{Long}}.example.com/{{Long}}","events":["{{Long}}","plan.completed"],"active":false}]"""),
        "GET /experiments/x2" => Reply.Ok($$$"""{"id":"y{{{Long}}}","config":{"{{{Long}}}":[1,2]},"metrics":{"{{{Long}}}":-1e300,"loss":1e-300}}"""),
        "POST /experiments/compare" => Reply.Ok("{}"),
        var other when other.EndsWith("/download", StringComparison.Ordinal) => Reply.Ok($$"""{"url":"{{origin}}/files/x"}"""),
        _ => new Reply(200, "x", "text/plain"),
    };

    /// <summary>Without colours, and without the lines of space around a table.</summary>
    private static string Plain(string text) => string.Join('\n', Regex.Replace(text, "\e\\[[0-9;]*m", "").ReplaceLineEndings("\n").Trim('\n').Split('\n').Select(line => line.TrimEnd()));
}
