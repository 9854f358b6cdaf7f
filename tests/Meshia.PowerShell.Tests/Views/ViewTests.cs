using System.Collections;
using System.Collections.ObjectModel;
using System.Globalization;
using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Meshia.PowerShell.Tests;

/// <summary>What the views say, wherever they are read: in another session, of what came from a job, under any rule.</summary>
public sealed class ViewTests : IDisposable
{
    private const string Details = """
        [{
          "id": "exp_1", "session_id": "sess_1", "name": "baseline", "status": "failed", "error": "out of memory", "duration_seconds": 3905,
          "config": { "optimizer": { "lr": 0.5, "betas": [0.9, 0.95] }, "seed": null }, "metrics": { "loss": 0.25, "tokens": 1000, "accuracy": 0.5, "eval": { "loss": 1234.5 } },
          "artifacts": [{ "id": "art_1", "name": "model.bin" }, "art_2"], "created_at": "2020-01-02T03:04:05Z", "priority": "high"
        }]
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("meshia-views-");

    /// <summary>How objects reach a view.</summary>
    public static TheoryData<bool, bool, bool, string> Circumstances
    {
        get
        {
            var data = new TheoryData<bool, bool, bool, string>();
            foreach (var isDeserialized in new[] { false, true })
            {
                data.Add(isDeserialized, false, false, "");
                data.Add(isDeserialized, true, false, "");
                data.Add(isDeserialized, false, true, "");
                data.Add(isDeserialized, false, false, "de-DE");
                data.Add(isDeserialized, false, false, "ar-SA");
            }

            return data;
        }
    }

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory, MemberData(nameof(Circumstances))]
    public async Task A_table_reads_the_same_everywhere(bool isDeserialized, bool isStrict, bool isConstrained, string culture)
    {
        var shown = Show(await GetAsync("Get-MeshiaExperiment -SessionId x", Details), "TableControl", isDeserialized, isStrict, isConstrained, culture);

        Assert.Equal("""
            Id                   Status           Duration Name             Metrics
            --                   ------           -------- ----             -------
            exp_1                failed             1h 05m baseline         accuracy=0.5 l…
            """.ReplaceLineEndings("\n"), shown);
    }

    [Theory, MemberData(nameof(Circumstances))]
    public async Task A_list_reads_the_same_everywhere(bool isDeserialized, bool isStrict, bool isConstrained, string culture)
    {
        var created = new DateTime(2020, 1, 2, 3, 4, 5, DateTimeKind.Utc).ToLocalTime().ToString("yyyy-MM-dd HH:mm:ss", CultureInfo.InvariantCulture);

        var shown = Show(await GetAsync("Get-MeshiaExperiment -SessionId x", Details), "ListControl", isDeserialized, isStrict, isConstrained, culture);

        string[] expected =
        [
            "Id          : exp_1", "SessionId   : sess_1", "Name        : baseline", "Status      : failed", "Error       : out of memory",
            $"CreatedAt   : {created}", "CompletedAt :", "Duration    : 1h 05m",
            "optimizer.betas: [0.9, 0.95]", "optimizer.lr: 0.5", "seed: null", "accuracy: 0.5", "eval.loss: 1234.5", "loss: 0.25", "tokens: 1000", "model.bin", "art_2", "priority: high",
        ];
        var lines = shown.Split('\n').Select(line => Regex.Replace(line, "^(Config|Metrics|Artifacts|AdditionalProperties) *: *", "").Trim());
        Assert.Equal(expected, lines.Select(line => Regex.Replace(line, "^([A-Za-z]+) +:", match => match.Groups[1].Value.PadRight(11) + " :")));
    }

    [Fact]
    public async Task Format_Wide_shows_the_name()
    {
        Assert.Equal("baseline (exp_1)", Show(await GetAsync("Get-MeshiaExperiment -SessionId x", Details), "WideControl"));
    }

    [Fact]
    public async Task A_list_leaves_out_empty_optional_properties()
    {
        var shown = Show(await GetAsync("Get-MeshiaExperiment -SessionId x", """[{"id":"exp_1"}]"""), "ListControl", isStrict: true);

        Assert.DoesNotContain("Error", shown, StringComparison.Ordinal);
        Assert.DoesNotContain("AdditionalProperties", shown, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Get-MeshiaSession")]
    [InlineData("Get-MeshiaArtifact x")]
    [InlineData("Get-MeshiaWebhook")]
    [InlineData("ConvertFrom-MeshiaWebhook -AllowUnverified -Body '{\"event\":\"experiment.failed\",\"timestamp\":\"2026-01-02T03:04:05Z\",\"data\":{\"error\":\"x\"}}'")]
    [InlineData("Get-MeshiaConnection")]
    [InlineData("Test-MeshiaConnection")]
    [InlineData("Get-MeshiaArtifact x | Save-MeshiaArtifact -Destination $folder")]
    public async Task Every_view_of_every_object_is_without_an_error_in_strict_and_constrained_sessions(string script)
    {
        var items = await GetAsync(script, """[{"id":"x","created_at":"2026-01-02T03:04:05Z","size_bytes":1,"events":["plan.completed"]}]""");

        foreach (var control in new[] { "TableControl", "ListControl" })
        {
            foreach (var isDeserialized in new[] { false, true })
                Assert.NotEmpty(Show(items, control, isDeserialized, isStrict: true, isConstrained: true));
        }
    }

    [Fact]
    public async Task An_age_is_the_same_in_a_table_and_in_a_hint()
    {
        (double Minutes, string Age)[] ages = [(0.2, "just now"), (-3, "just now"), (5.5, "5m ago"), (59.5, "59m ago"), (60.5, "1h ago"), ((47 * 60) + 30, "47h ago"), ((48 * 60) + 1, "2d ago"), ((59 * 24 * 60) + 60, "59d ago"), (61 * 24 * 60, "2mo ago"), (729 * 24 * 60, "24mo ago"), (731 * 24 * 60, "2y ago")];
        var times = ages.Select(age => (Time: DateTimeOffset.UtcNow.AddMinutes(-age.Minutes), age.Age)).ToList();
        var json = $"[{string.Join(",", times.Select((time, number) => $$"""{"id":"s{{number}}","created_at":"{{time.Time:O}}"}"""))}]";
        await using var service = await ScriptedService.StartAsync(Reply.Ok(json));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        var items = session.Output("Get-MeshiaSession");

        Assert.Equal(times.Select(time => time.Age), Show(items, "TableControl").Split('\n').Skip(2).Select(line => Regex.Replace(line, "^s[0-9]+ +", "")));
        Assert.Equal(times.Select(time => time.Age), Hints(session, "Get-MeshiaSession ", times.Count));
    }

    [Theory]
    [InlineData(0, "0s")]
    [InlineData(1.26, "1.3s")]
    [InlineData(59.9, "59s")]
    [InlineData(61.5, "1m 01s")]
    [InlineData(3599, "59m 59s")]
    [InlineData(3905, "1h 05m")]
    [InlineData(86399, "23h 59m")]
    [InlineData(180061, "2d 02h")]
    public async Task A_duration_is_the_same_in_a_table_and_in_a_hint(double seconds, string expected)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(FormattableString.Invariant($$"""[{"id":"exp_1","duration_seconds":{{seconds}}}]""")));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        var items = session.Output("Get-MeshiaExperiment -SessionId x");

        Assert.EndsWith($" {expected}", Show(items, "TableControl"), StringComparison.Ordinal);
        Assert.Equal([expected], Hints(session, "Get-MeshiaExperiment -SessionId x -Id ", 1));
        Assert.Equal(TimeSpan.FromSeconds(seconds), items[0].Properties["Duration"].Value);
    }

    [Theory]
    [InlineData(0, "0 B")]
    [InlineData(1023, "1023 B")]
    [InlineData(1024, "1 KB")]
    [InlineData(1_610_612_736, "1.5 GB")]
    [InlineData(2_199_023_255_552_000, "2000 TB")]
    public async Task A_size_is_the_same_in_a_table_and_in_a_hint(long bytes, string expected)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($$"""[{"id":"art_1","size_bytes":{{bytes}}}]"""));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        var items = session.Output("Get-MeshiaArtifact x");

        Assert.EndsWith($" {expected}", Show(items, "TableControl"), StringComparison.Ordinal);
        Assert.Equal([expected], Hints(session, "Get-MeshiaArtifact x -Id ", 1));
        Assert.Equal(bytes, items[0].Properties["SizeBytes"].Value);
    }

    [Fact]
    public void What_a_type_shows_by_default_is_there()
    {
        using var session = new ModuleSession();
        var types = Documents("types").Descendants("Type").ToList();
        var live = types.Where(type => !NameOf(type).StartsWith("Deserialized.", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(live);
        foreach (var type in live)
        {
            var known = session.Output($"([Type] '{NameOf(type)}').GetProperties().Name").Select(property => property.ToString()).ToList();
            var alias = type.Descendants("AliasProperty").Select(property => property.Element("Name")!.Value);
            Assert.Superset(Set(type, "DefaultDisplayPropertySet").Concat(Set(type, "DefaultKeyPropertySet")).ToHashSet(), known.ToHashSet());
            // A property that is missing here is lost in a job.
            Assert.Equal(known.Concat(alias).Order(), Set(type, "PropertySerializationSet").Order());
            Assert.Contains("Deserialized." + NameOf(type), types.Select(NameOf));
        }

        Assert.Equal(Listed(), live.Where(type => Set(type, "DefaultDisplayPropertySet").Any()).Select(NameOf).Order());

        static XDocument[] Documents(string kind) =>
            [XDocument.Load(Path.Combine(ModuleSession.ModulePath, $"Meshia.{kind}.ps1xml")), XDocument.Load(Path.Combine(ModuleSession.SandboxModulePath, $"Meshia.Sandbox.{kind}.ps1xml"))];

        static IEnumerable<string> Listed() => Documents("format").Descendants("View")
            .Where(view => view.Element("ListControl") is not null).Select(view => view.Element("ViewSelectedBy")!.Value.Trim()).Order();

        static string NameOf(XElement type) => type.Element("Name")!.Value;

        static IEnumerable<string> Set(XElement type, string name) => type.Descendants("PropertySet").Where(set => set.Element("Name")!.Value == name).Descendants("ReferencedProperties").Elements("Name").Select(property => property.Value);
    }

    [Fact]
    public void Every_type_of_the_client_that_is_given_out_keeps_its_properties_in_a_job()
    {
        using var session = new ModuleSession();
        var kept = XDocument.Load(Path.Combine(ModuleSession.ModulePath, "Meshia.types.ps1xml")).Descendants("Type").Select(type => type.Element("Name")!.Value).ToList();

        // A type that adds properties to one of these needs an entry of its own.
        var derived = session.Output("""
            [Meshia.Session].Assembly.GetExportedTypes().Where({ $_.BaseType -and $_.BaseType.Namespace -eq 'Meshia' -and $_.GetProperties('Public,Instance,DeclaredOnly').Count -gt 0 }).FullName
            """).Select(type => type.ToString()).Where(type => kept.Contains("Meshia.WebhookEvent") && type.EndsWith("Event", StringComparison.Ordinal)).ToList();

        Assert.NotEmpty(derived);
        Assert.Superset(derived.ToHashSet(), kept.ToHashSet());
    }

    [Theory]
    [InlineData("👩‍🚀 team")]
    [InlineData("می‌خواهم")]
    [InlineData("ക്‍ value")]
    [InlineData("🏴󠁧󠁢󠁥󠁮󠁧󠁿")]
    [InlineData("❤️ 葛󠄀")]
    public async Task A_real_name_is_shown_whole_in_every_view(string name)
    {
        var items = await GetAsync("Get-MeshiaSession", $$"""[{"id":"s1","name":"{{name}}"}]""");

        foreach (var control in new[] { "TableControl", "ListControl", "WideControl" })
        {
            foreach (var isDeserialized in new[] { false, true })
                Assert.Contains(name, Show(items, control, isDeserialized), StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("a\u200bb")]
    [InlineData("a\u00adb")]
    [InlineData("a\u200db")]
    [InlineData("a\u3164b")]
    [InlineData("a\udb40\udc41b")]
    [InlineData("a\u202eb")]
    [InlineData("a\ufe0f\ufe0fb")]
    public async Task What_cannot_be_seen_is_replaced_in_every_view(string name)
    {
        var items = await GetAsync("Get-MeshiaSession", $$"""[{"id":"s1","name":"{{name}}"}]""");

        foreach (var control in new[] { "TableControl", "ListControl", "WideControl" })
        {
            foreach (var isDeserialized in new[] { false, true })
                Assert.Matches(@"a\uFE0F?\uFFFDb", Show(items, control, isDeserialized));
        }
    }

    [Fact]
    public async Task A_copy_has_the_properties_of_its_original_and_what_a_script_added()
    {
        var original = (await GetAsync("Get-MeshiaSession", """[{"id":"s1","name":"n"}]"""))[0];
        using var session = new ModuleSession();

        var names = session.Output("""
            $item | Add-Member -NotePropertyName Extra -NotePropertyValue 5
            $copy = $item
            foreach ($hop in 1, 2) { $copy = [System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($copy)) }
            $copy.psobject.Properties.Name
            """, ("item", original)).Select(name => name.ToString());

        Assert.Equal(["AdditionalProperties", "Adopted", "BaseName", "Cost", "CreatedAt", "Deadline", "Extra", "Gpu", "Id", "Name", "Once", "Repo", "SessionId", "StartedAt", "Status", "StoppedAt"], names.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Nested_values_are_JSON_where_a_CSV_wants_a_text()
    {
        var experiment = (await GetAsync("Get-MeshiaExperiment -SessionId x", Details))[0];

        Assert.Equal("""{"optimizer":{"lr":0.5,"betas":[0.9,0.95]},"seed":null}""", experiment.Properties["Config"].Value.ToString());
        Assert.Equal("""{"priority":"high"}""", experiment.Properties["AdditionalProperties"].Value.ToString());
        Assert.Equal("model.bin, art_2", experiment.Properties["Artifacts"].Value.ToString());

        var items = await EmittedObjects.GetAsync(_folder.FullName);
        foreach (var (item, property) in items.SelectMany(item => item.Properties.Where(property => property.Value is IEnumerable and not string).Select(property => (item, property))))
            Assert.False(property.Value.ToString()!.Contains("System.", StringComparison.Ordinal), $"{item.BaseObject.GetType().Name}.{property.Name}: {property.Value}");
        var comparison = items.First(item => item.BaseObject.GetType().Name == "ExperimentComparison");
        Assert.Equal("accuracy, history, keys, loss, tokens", comparison.Properties["Metrics"].Value.ToString());
        Assert.Equal("c, b, a", comparison.Properties["Experiments"].Value.ToString());
        var row = items.First(item => item.Properties["Key"]?.Value is "loss");
        string[] maps = ["Values", "Numbers", "Delta", "Percent", "Best"];
        Assert.Equal(
            ["""{"c":0.5,"b":0.5,"a":0.75}""", """{"c":0.5,"b":0.5,"a":0.75}""", """{"b":0,"a":0.25}""", """{"b":0,"a":50}""", "c, b"],
            maps.Select(name => row.Properties[name].Value.ToString()));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Every_list_has_its_items_by_their_place(bool isDeserialized)
    {
        using var session = new ModuleSession();
        var (all, seen) = (new SortedSet<string>(), new SortedSet<string>());

        foreach (var item in await EmittedObjects.GetAsync(_folder.FullName))
        {
            foreach (var list in item.BaseObject.GetType().GetProperties().Where(property => property.PropertyType.IsGenericType && property.PropertyType.GetGenericTypeDefinition() == typeof(IReadOnlyList<>)))
            {
                var name = $"{item.BaseObject.GetType().Name}.{list.Name}";
                all.Add(name);
                var found = session.Output("""
                    Set-StrictMode -Version Latest
                    $list = $item.$property
                    $items = @(foreach ($one in $list) { $one })
                    if ($items.Count -ge 2) {
                        $list.Count -eq $items.Count
                        [object]::ReferenceEquals($list[0], $items[0]) -and [object]::ReferenceEquals($list[-1], $items[-1])
                        $list[0..1].Count -eq 2 -and [object]::ReferenceEquals($list[0..1][1], $items[1])
                    }
                    """, ("item", Copy(item, isDeserialized)), ("property", list.Name));
                Assert.True(found.All(answer => answer.BaseObject is true), name);
                if (found.Count > 0)
                    seen.Add(name);
            }
        }

        Assert.Equal(all, seen);
    }

    [Fact]
    public async Task A_history_has_its_numbers_by_their_place()
    {
        using var session = new ModuleSession();
        var row = (await EmittedObjects.GetAsync(_folder.FullName)).First(item => item.Properties["Key"]?.Value is "history");

        Assert.Equal([3.0, 0.75, 2], session.Output("Set-StrictMode -Version Latest; $history = $row.GetHistory('a'); $history[0]; $history[-1]; $history[0..1].Count", ("row", row)).Select(value => Convert.ToDouble(value.BaseObject, CultureInfo.InvariantCulture)));
    }

    /// <summary>Every kind of view, of live and of deserialized objects, with and without the module's own drawing.</summary>
    public static TheoryData<string, bool, bool> Views
    {
        get
        {
            var data = new TheoryData<string, bool, bool>();
            foreach (var control in new[] { "TableControl", "ListControl", "WideControl", "CustomControl" })
            {
                data.Add(control, false, false);
                data.Add(control, true, false);
                data.Add(control, false, true);
                data.Add(control, true, true);
            }

            return data;
        }
    }

    [Theory, MemberData(nameof(Views))]
    public async Task Nothing_that_the_service_says_controls_the_terminal(string control, bool isDeserialized, bool isConstrained)
    {
        // A new title for the window, a cleared screen in one letter for it, writing from right to left, a line of its own.
        const string Mark = @"\u001b]0;pwned\u0007\u009b2J\u202e\r\n\u2028";
        var items = await EmittedObjects.GetAsync(_folder.FullName, Mark);
        // What stands for a key is letters and digits, or nothing at all.
        Each.Of(items.SelectMany(EmittedObjects.Texts).Where(property => property.Name != "Session.Once").ToLookup(property => property.Name, property => property.Texts), property => Assert.True(property.Any(texts => texts.Any(text => text.Contains('\e'))), $"{property.Key} was given nothing of the service's."));

        foreach (var same in WithView(items, control).GroupBy(item => item.BaseObject.GetType().Name))
        {
            var shown = Show(same, control, isDeserialized, isStrict: true, isConstrained);

            // A saved artifact has a safe name, and a known event a known one.
            if (control == "ListControl" || same.Key is not ("SavedArtifact" or "ExperimentCompletedEvent"))
                Assert.Contains("\uFFFD]0;", shown, StringComparison.Ordinal);
            Assert.DoesNotMatch(@"[\p{Cc}\p{Cf}\p{Zl}\p{Zp}-[\n]]", shown);
        }
    }

    [Theory]
    [InlineData("TableControl")]
    [InlineData("ListControl")]
    [InlineData("WideControl")]
    [InlineData("CustomControl")]
    public async Task A_copy_is_shown_as_its_original_is(string control)
    {
        var items = WithView(await EmittedObjects.GetAsync(_folder.FullName), control);

        foreach (var same in items.GroupBy(item => item.BaseObject.GetType().Name))
        {
            var shown = Show(same, control);
            Assert.Equal(shown, Show(same, control, isDeserialized: true));
            // PowerShell breaks lines between words in some languages, and anywhere in others.
            Assert.Equal(Regex.Replace(shown, @"\s", ""), Regex.Replace(Show(same, control, isDeserialized: true, isStrict: true, culture: "de-DE"), @"\s", ""));
        }
    }

    /// <summary>The objects that a cmdlet makes of an answer.</summary>
    private async Task<IReadOnlyList<PSObject>> GetAsync(string script, string answer)
    {
        await using var service = await ScriptedService.StartAsync((request, context) => (request.Endpoint switch
        {
            var download when download.EndsWith("/download", StringComparison.Ordinal) => Reply.Ok($$"""{"url":"http://{{context.Request.Host}}/files/x"}"""),
            "GET /files/x" => new Reply(200, "x", "text/plain"),
            _ => Reply.Ok(answer),
        }).SendAsync(context.Response));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);
        return session.Output(script, ("folder", _folder.FullName));
    }

    /// <summary>Shows objects by one kind of the module's views, in a session that has only the module's types beside it.</summary>
    private string Show(IEnumerable<PSObject> items, string control, bool isDeserialized = false, bool isStrict = false, bool isConstrained = false, string culture = "")
    {
        var views = XDocument.Load(Path.Combine(ModuleSession.ModulePath, "Meshia.format.ps1xml"));
        views.Descendants("View").Where(view => view.Element(control) is null).Remove();
        var path = Path.Combine(_folder.FullName, $"{control}.format.ps1xml");
        views.Save(path);
        var state = InitialSessionState.CreateDefault2();
        state.Formats.Add(new SessionStateFormatEntry(path));
        state.Types.Add(new SessionStateTypeEntry(Path.Combine(ModuleSession.ModulePath, "Meshia.types.ps1xml")));
        if (isConstrained)
            state.LanguageMode = PSLanguageMode.ConstrainedLanguage;
        var host = new ScreenHost { Columns = 80 };
        using var runspace = RunspaceFactory.CreateRunspace(host, state);
        runspace.Open();
        using var shell = System.Management.Automation.PowerShell.Create(runspace);
        if (isStrict)
            shell.AddScript("Set-StrictMode -Version Latest").Invoke();
        shell.Commands.Clear();
        var given = items.Select(item => Copy(item, isDeserialized)).ToList();
        var before = CultureInfo.CurrentCulture;
        var settings = new PSInvocationSettings();
        try
        {
            // The runspace's thread takes over the caller's culture.
            CultureInfo.CurrentCulture = culture.Length > 0 ? new CultureInfo(culture) : before;
            shell.AddCommand("Out-Default").Invoke(given, new Collection<PSObject>(), settings);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }

        shell.Commands.Clear();
        Assert.Empty(shell.AddScript("$Error").Invoke().Select(error => error.ToString()));
        return string.Join('\n', Regex.Replace(host.TakeText(), "\e\\[[0-9;]*m", "").ReplaceLineEndings("\n").Trim('\n').Split('\n').Select(line => line.TrimEnd()));
    }

    /// <summary>A comparison has a view of its own in the place of a table; everything else has every kind.</summary>
    private static IEnumerable<PSObject> WithView(IEnumerable<PSObject> items, string control) => items.Where(item => control switch
    {
        "TableControl" => item.BaseObject.GetType().Name != "ExperimentComparison",
        "CustomControl" => item.BaseObject.GetType().Name == "ExperimentComparison",
        _ => true,
    });

    /// <summary>An object as it comes back from a job, or as it is. The depth is that of the module's types, which an object forgets with its session.</summary>
    private static PSObject Copy(PSObject item, bool isDeserialized) => isDeserialized ? (PSObject)PSSerializer.Deserialize(PSSerializer.Serialize(item, depth: 8)) : item;

    /// <summary>The last part of each hint of a completion.</summary>
    private static List<string> Hints(ModuleSession session, string line, int count)
    {
        using var shell = System.Management.Automation.PowerShell.Create(session.Runspace);
        List<string> hints = [];
        Assert.True(SpinWait.SpinUntil(
            () => (hints = [.. CommandCompletion.CompleteInput(line, line.Length, null, shell).CompletionMatches.Where(match => match.ResultType == CompletionResultType.ParameterValue).Select(match => match.ToolTip)]).Count == count,
            TimeSpan.FromSeconds(60)));
        return hints;
    }
}
