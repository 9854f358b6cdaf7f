using System.Globalization;
using System.Management.Automation;
using System.Text;
using System.Text.RegularExpressions;
using CsCheck;

namespace Meshia.PowerShell.Tests;

[Trait("Culture", "Dependent")]
public sealed class ExportMeshiaComparisonTests : IDisposable
{
    private static readonly string[] _formats = ["html", "md", "csv", "json"];
    private static readonly object _missing = ComparisonObject.Missing.Value;

    /// <summary>Names and values as somebody would choose them who wants to run something, or to break the file.</summary>
    private static readonly string[] _hostile =
    [
        "</td></tr></table><script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "--></style></script><svg onload=alert(1)>", "=cmd|' /C calc'!A0", "@SUM(1+1)*cmd", "+1+1", "-2+3", "\t=1+1", "\r\n=1+1", "＝1+1",
        "x;=cmd|' /C calc'!A0", "x;\"=1+1\"", "x\t@SUM(1)", "x\n-1+1", "x\r＋1", "x;;  =1+1", ";=1+1",
        "a|b", "a\\|b", "`code` ``` |", "\"quoted\", with a comma", "'", "**bold** _it_ ~~no~~ [link](javascript:alert(1)) ![](x)", "<b>&amp;</b>", "# heading", "- item", "@octocat #1 https://example.org www.example.org",
        "line\nbreak", "tab\tstop", "x_{2}^{3}", "👩‍🚀 emoji 🎉", "עברית עם english", " spaces ", "nul\0bell\a", "half \uD83D", "\uDE00 half", "\u202Eturned", "", "\uFFFF",
    ];

    private readonly string _folder = Directory.CreateTempSubdirectory("meshia-export-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    public async Task A_comparison_of_the_sandbox_is_the_same_in_each_format()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();

        session.Output("$comparison = Get-MeshiaExperiment | Compare-MeshiaExperiment; $comparison | Export-MeshiaComparison -Path $paths", ("paths", _formats.Select(PathOf).ToArray()));

        var ids = Texts(session.Output("$comparison.Experiments.Id"));
        var names = Texts(session.Output("$comparison.Experiments.Name"));
        var keys = Texts(session.Output("$comparison.Config.Key; $comparison.Metrics.Key"));
        var best = Texts(session.Output("$comparison.Metrics.Where({ $_.Key -eq 'accuracy' }).Best")).Single();
        Assert.True(ids.Count > 2 && keys.Contains("optimizer.lr") && keys.Contains("accuracy"));

        var html = Read("html");
        Each.Of([.. ids, .. names, .. keys], text => Assert.Contains($">{text}<", html, StringComparison.Ordinal));
        Assert.Contains(">failed<", html, StringComparison.Ordinal);
        Assert.Contains(">RuntimeError: the loss diverged", html, StringComparison.Ordinal);

        var tables = MarkdownTables.Parse(Read("md"));
        Assert.Equal(3, tables.Count);
        Assert.Equal(ids, tables[0].Skip(1).Select(line => line[1]));
        Assert.Contains(tables[0], line => line[2] == "failed" && line[4].StartsWith("RuntimeError", StringComparison.Ordinal));
        Assert.Equal(["Metric", $"{names[0]} (baseline)", .. names.Skip(1)], tables[1][0]);
        Assert.EndsWith(" ★", tables[1].Single(line => line[0].StartsWith("accuracy", StringComparison.Ordinal))[1 + ids.IndexOf(best)], StringComparison.Ordinal);
        Each.Of(tables[2].Skip(1), line => Assert.Contains(line[0], keys));

        var lines = Csv.Parse(Read("csv"));
        Assert.Equal(ids, lines[0].Skip(2).Take(ids.Count));
        Assert.Equal(keys, lines.Where(line => line[0] != "Experiment").Skip(1).Select(line => line[1]));
        var loss = lines.Single(line => line[1] == "loss");
        Assert.Equal(session.Output("$comparison.Metrics.Where({ $_.Key -eq 'loss' }).Values").Select(values => (IDictionary<string, object?>)values.BaseObject).SelectMany(values => ids.Select(id => values[id])), loss.Skip(2).Take(ids.Count).Select(cell => (object)double.Parse(cell, CultureInfo.InvariantCulture)));

        Assert.Equal(Texts(session.Output("$comparison.ToJson()")).Single() + "\n", Read("json"));
    }

    [Fact]
    public async Task A_comparison_that_was_serialized_or_read_from_JSON_gives_the_same_bytes()
    {
        await using var sandbox = await LocalSandbox.StartAsync();
        await sandbox.CreateFinishedSessionAsync();
        using var session = sandbox.Connect();
        session.Output("$comparison = Get-MeshiaExperiment | Compare-MeshiaExperiment -All; $comparison | Export-MeshiaComparison -Path $paths", ("paths", _formats.Select(PathOf).ToArray()));
        var live = _formats.Select(format => File.ReadAllBytes(PathOf(format))).ToList();

        session.Output("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($comparison)) | Export-MeshiaComparison -Path $paths -Force");
        Assert.Equal(live, _formats.Select(format => File.ReadAllBytes(PathOf(format))));

        session.Output("Export-MeshiaComparison -InputObject $json -Path $paths -Force", ("json", ComparisonObject.FromJson(Read("json"))));
        Assert.Equal(live, _formats.Select(format => File.ReadAllBytes(PathOf(format))));
    }

    [Fact]
    public async Task Nested_values_are_the_same_after_a_job()
    {
        const string Point = """{"z":1,"value":0.5,"a":{"y":2,"b":[3,{"x":4,"c":5}]}}""";
        await using var service = await ScriptedService.StartAsync(_ => Reply.Ok($$$"""{"experiments":[{"id":"exp_z","config":{"k":[{{{Point}}}]},"metrics":{"m":[{{{Point}}},{{{Point}}}]}},{"id":"exp_a","config":{"k":[]},"metrics":{"m":1}},{"id":"exp_q","config":{"k":{{{Point}}}},"metrics":{"m":[1,2]}}]}"""));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        session.Output("$comparison = Compare-MeshiaExperiment exp_z, exp_a, exp_q; $comparison | Export-MeshiaComparison -Path $paths", ("paths", _formats.Select(PathOf).ToArray()));
        var live = _formats.Select(Read).ToList();
        session.Output("[System.Management.Automation.PSSerializer]::Deserialize([System.Management.Automation.PSSerializer]::Serialize($comparison)) | Export-MeshiaComparison -Path $paths -Force");

        Assert.Equal(live, _formats.Select(Read));
    }

    [Fact]
    public void Only_the_CSV_begins_with_a_mark_and_each_number_is_the_same_in_every_culture()
    {
        using var session = new ModuleSession();
        var culture = CultureInfo.CurrentCulture;
        session.Output("[System.Threading.Thread]::CurrentThread.CurrentCulture = [cultureinfo]'de-DE'");

        Export(session, ComparisonObject.Of(["a", "b"], [], [("loss", [1234.5, 0.1 + 0.2])]));

        CultureInfo.CurrentCulture = culture;
        Each.Of(_formats, format => Assert.Equal(format == "csv", File.ReadAllBytes(PathOf(format)).AsSpan().StartsWith(Encoding.UTF8.Preamble)));
        Assert.Equal(["1234.5", "0.30000000000000004"], Csv.Parse(Read("csv"))[^1].Skip(2).Take(2));
        Assert.Contains("<td class=\"number\" title=\"0.30000000000000004\">0.3<", Read("html"), StringComparison.Ordinal);
        Assert.Equal(["loss", "1234.5", "0.3 (-100%)"], MarkdownTables.Parse(Read("md"))[1][1]);
    }

    [Fact]
    public void A_text_in_CSV_is_never_a_formula_and_a_number_is_never_a_text()
    {
        using var session = new ModuleSession();
        Export(session, ComparisonObject.Of([.. _hostile], [.. _hostile.Select(text => (text + "k", _hostile.Cast<object?>().ToArray()))], [("m", [.. _hostile.Select((_, index) => (object)(-1.5 - index))])]), "csv");

        var lines = Csv.Parse(Read("csv"));

        Each.Of(lines, line => Assert.Equal(lines[0].Count, line.Count));
        var cells = lines.SelectMany(line => line).Where(cell => cell.Length > 0 && "=+-@\t\r\n＝＋－＠".Contains(cell[0], StringComparison.Ordinal));
        Each.Of(cells, cell => Assert.True(double.TryParse(cell, NumberStyles.Float, CultureInfo.InvariantCulture, out _), cell));
        Assert.Equal(_hostile.Select(Cleaned), lines[1].Skip(2).Take(_hostile.Length).Select(Unquoted));
        Assert.Equal("-1.5", lines[^1][2]);
        Assert.Equal("'=cmd|' /C calc'!A0", lines[1][2 + Array.IndexOf(_hostile, "=cmd|' /C calc'!A0")]);
    }

    [Theory]
    [InlineData(';')]
    [InlineData('\t')]
    public void A_text_in_CSV_is_not_a_formula_with_another_separator(char separator)
    {
        using var session = new ModuleSession();
        Export(session, ComparisonObject.Of([.. _hostile], [.. _hostile.Select(text => (text + "k", _hostile.Cast<object?>().ToArray()))], []), "csv");

        // A spreadsheet ends a line also where a quote was not at the beginning of its cell.
        var cells = Read("csv").Split(separator, '\r', '\n').Select(cell => cell.TrimStart('"', ' ')).ToList();

        Assert.True(cells.Count > _hostile.Length);
        Each.Of(cells.Where(cell => cell.Length > 0), cell => Assert.DoesNotContain(cell[0], "=+-@＝＋－＠"));
    }

    [Fact]
    public void A_text_that_reads_as_something_else_is_in_quotes_where_a_person_reads_it()
    {
        using var session = new ModuleSession();

        Export(session, ComparisonObject.Of(["a", "b"], [("lr", ["0.01", 0.01])], []));

        Assert.Equal(["lr", "\"0.01\"", "0.01"], MarkdownTables.Parse(Read("md"))[^1][1]);
        Assert.Equal(["\"0.01\"", "0.01"], Csv.Parse(Read("csv"))[^1].Skip(2).Take(2));
        Assert.Contains("<bdi>\"0.01\"</bdi>", Read("html"), StringComparison.Ordinal);
        Assert.Contains("\"exp_0\": \"0.01\"", Read("json"), StringComparison.Ordinal);
    }

    [Fact]
    public void Whole_numbers_that_no_double_holds_keep_their_digits()
    {
        using var session = new ModuleSession();

        Export(session, ComparisonObject.Of(["a", "b"], [("seed", [9_223_372_036_854_775_806, 9_223_372_036_854_775_807])], []), "html", "md");

        Assert.Equal(["seed", "9223372036854775806", "9223372036854775807 (+<0.01%)"], MarkdownTables.Parse(Read("md"))[^1][1]);
        Assert.Contains(">9223372036854775807<", Read("html"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_goal_that_was_guessed_says_so_at_its_plot_too()
    {
        using var session = new ModuleSession();
        var comparison = ComparisonObject.Of(["a", "b"], [], [("loss", [1.0, 2.0])], "Minimize");
        ((PSObject)((object[])comparison.Properties["Metrics"].Value)[0]).Properties["GoalSource"].Value = "Guessed";

        Export(session, comparison, "html");

        Assert.Contains("<figcaption><bdi>loss</bdi><small>↓ less is better, guessed from the name</small>", Read("html"), StringComparison.Ordinal);
        Assert.Contains("Bars of loss for 2 of 2 experiments. Less is better, guessed from the name.", Read("html"), StringComparison.Ordinal);
    }

    [Fact]
    public void A_history_of_pairs_is_drawn_over_its_steps()
    {
        using var session = new ModuleSession();
        object[] Pairs(params double[] steps) => [.. steps.Select(step => (object)new object[] { step, step / 2 })];

        Export(session, ComparisonObject.Of(["a", "b"], [], [("paired", [Pairs(100, 200, 400), Pairs(100, 300)]), ("plain", [new object[] { 1.0, 2.0 }, new object[] { 2.0, 4.0 }])]), "html");

        var html = Read("html");
        Assert.Contains("Lines over steps of paired for 2 of 2 experiments.", html, StringComparison.Ordinal);
        Assert.Contains(">400<", html, StringComparison.Ordinal);
        Assert.Contains("Lines over points of plain for 2 of 2 experiments.", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Hostile_names_and_values_are_text_in_Markdown()
    {
        using var session = new ModuleSession();
        foreach (var text in _hostile)
        {
            Export(session, ComparisonObject.Of([text, "b"], [("k" + text, [text, "other"])], []), "md");

            var tables = MarkdownTables.Parse(Read("md"));

            var seen = string.IsNullOrWhiteSpace(text) ? "empty" : Shown(text);
            Assert.Equal([string.IsNullOrWhiteSpace(text) ? "exp_0 (baseline)" : $"{seen} (baseline)", "exp_0", "completed", "–", "–"], tables[0][1].Select(Shown));
            Assert.Equal([Shown("k" + text), seen, "other"], tables[1][1].Select(Shown));
        }
    }

    [Fact]
    public void Nothing_hostile_becomes_markup_in_HTML()
    {
        using var session = new ModuleSession();

        Export(session, ComparisonObject.Of(_hostile, [.. _hostile.Select(text => (text, _hostile.Cast<object?>().Reverse().ToArray()))], [.. _hostile.Select((text, index) => (text, Enumerable.Range(index, _hostile.Length).Cast<object?>().ToArray()))], "Maximize"), "html");

        var html = Read("html");
        Assert.Single(Opening("script").Matches(html));
        Assert.Single(Opening("style").Matches(html));
        Assert.Empty(Opening("img").Matches(html));
        Assert.Equal(Opening("table").Count(html), html.Split("</table>").Length - 1);
        Assert.DoesNotMatch("<[^>]* on[a-z]+=", html);
        Assert.DoesNotMatch("[\0-\x08\x0B\x0C\x0E-\x1F\uFFFE\uFFFF\u202A-\u202E\u2066-\u2069]", html);
        Assert.DoesNotMatch(@"(src|href)\s*=", html.Replace("src=x onerror", "", StringComparison.Ordinal));
    }

    [Fact]
    public void NaN_is_written_and_not_drawn()
    {
        using var session = new ModuleSession();

        Export(session, ComparisonObject.Of(["a", "b", "c", "d", "e"], [("k", [null, _missing, true, 1L, "x"])], [("loss", ["NaN", "Infinity", "-Infinity", 0.5, _missing])], "Minimize"));

        var loss = Csv.Parse(Read("csv"))[^1];
        Assert.Equal(["NaN", "Infinity", "'-Infinity", "0.5", ""], loss.Skip(2).Take(5));
        var tables = MarkdownTables.Parse(Read("md"));
        Assert.Equal(["loss ↓", "NaN", "Infinity", "-Infinity", "0.5 ★", "–"], tables[1][1]);
        Assert.Equal(["k", "null", "–", "true", "1", "x"], tables[2][1]);
        Assert.Contains("Bars of loss for 1 of 5 experiments. Less is better.", Read("html"), StringComparison.Ordinal);
    }

    [Fact]
    public void Any_numbers_and_histories_can_be_drawn()
    {
        using var session = new ModuleSession();
        Gen.Double.Array[1, 30].Array[2, 12].Sample(
            histories =>
            {
                var (names, last) = (histories.Select((_, index) => $"e{index}").ToArray(), histories.Select(history => Plain(history[^1])).ToArray());
                Export(session, ComparisonObject.Of(names, [], [("history", [.. histories.Select(history => history.Select(Plain).ToArray())]), ("last", last)]), "html");
                Assert.EndsWith("</html>", Read("html"), StringComparison.Ordinal);
            },
            iter: 100,
            threads: 1);

        static object Plain(double number) => double.IsFinite(number) ? number : number.ToString(CultureInfo.InvariantCulture);
    }

    [Fact]
    public void A_hundred_experiments_stay_readable()
    {
        using var session = new ModuleSession();
        var numbers = Enumerable.Range(0, 100).Select(number => (object?)(double)number).ToArray();

        Export(session, ComparisonObject.Of([.. numbers.Select(number => $"run-{number}")], [.. Enumerable.Range(0, 10).Select(key => ($"k{key}", numbers))], [.. Enumerable.Range(0, 30).Select(key => ($"m{key}", numbers))], "Maximize"));

        var html = Read("html");
        Assert.Equal(24, Opening("figure").Count(html));
        Assert.Contains("Bars of m0 for 24 of 100 experiments: the best 23, and the baseline. More is better.", html, StringComparison.Ordinal);
        Assert.Contains(">run-99<", html[html.IndexOf("<figure", StringComparison.Ordinal)..], StringComparison.Ordinal);
        Assert.Contains(">run-0 (baseline)<", html, StringComparison.Ordinal);
        var tables = MarkdownTables.Parse(Read("md"));
        Each.Of(tables, table => Assert.InRange(table[0].Count, 2, 7));
        Each.Of(tables.Skip(1), table => Assert.Equal("run-0 (baseline)", table[0][1]));
        Assert.Equal(1 + 20 + 20, tables.Count);
    }

    private void Export(ModuleSession session, PSObject comparison, params string[] formats) => session.Output(
        "Export-MeshiaComparison -InputObject $comparison -Path $paths -Force",
        ("comparison", comparison),
        ("paths", (formats.Length > 0 ? formats : _formats).Select(PathOf).ToArray()));

    private string PathOf(string format) => Path.Combine(_folder, $"report.{format}");

    private string Read(string format) => File.ReadAllText(PathOf(format));

    private static List<string> Texts(IEnumerable<PSObject> objects) => [.. objects.Select(value => (string)value.BaseObject)];

    /// <summary>A text without what no file may hold.</summary>
    private static string Cleaned(string text) => Regex.Replace(text, "[\0\a\uFFFF\u202E]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]", "\uFFFD");

    private static string Unquoted(string cell) => Regex.Replace(cell, "(^|(?<=[;\t\r\n]))'(?=[=+@\t\r\n＝＋－＠-]|[\" ]+=)", "");

    /// <summary>The text as a page shows it: white space at its ends and line ends are one.</summary>
    private static string Shown(string text) => Regex.Replace(Cleaned(text), @"\s+", " ").Trim();

    private static Regex Opening(string element) => new($"<{element}[ >]", RegexOptions.IgnoreCase);
}
