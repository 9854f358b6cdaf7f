using System.Net;
using System.Text;
using System.Text.Json;

namespace Meshia.Sandbox.Tests.Description;

public class DescriptionTests
{
    private const string PageVariable = "MESHIA_WRITE_PAGES";

    [Fact]
    public async Task It_describes_every_operation_that_the_sandbox_has_and_marks_every_field()
    {
        var root = await DescriptionAsync();
        var operations = root.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Select(method => method.Value)).ToList();
        Assert.Equal(12, operations.Count);
        Each.Of(operations, AssertMarked);
        Each.Of(operations.Where(operation => operation.TryGetProperty("parameters", out _)), operation =>
            Each.Of(operation.GetProperty("parameters").EnumerateArray(), AssertMarked));
        var fields = root.GetProperty("components").GetProperty("schemas").EnumerateObject()
            .SelectMany(schema => schema.Value.GetProperty("properties").EnumerateObject().Select(field => field.Value)).ToList();
        Assert.True(fields.Count > 50);
        Each.Of(fields, AssertMarked);
    }

    [Fact]
    public async Task Every_field_of_an_answer_is_described()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        var schemas = (await DescriptionAsync()).GetProperty("components").GetProperty("schemas");
        var (session, ids) = await sandbox.CreateFinishedSessionAsync();
        await sandbox.PostAsync("webhooks", new { url = "https://localhost:1/", events = new[] { "session.started" } });
        var experiment = await sandbox.GetAsync($"experiments/{ids[0]}");
        var artifact = experiment.GetProperty("artifacts")[0];
        var comparison = await sandbox.PostAsync("experiments/compare", new { experiment_ids = ids }, HttpStatusCode.OK);
        AssertDescribed("Session", await sandbox.GetAsync($"sessions/{session}"));
        AssertDescribed("SessionList", await sandbox.GetAsync("sessions?limit=1"));
        AssertDescribed("Experiment", experiment);
        AssertDescribed("ExperimentList", await sandbox.GetAsync($"sessions/{session}/experiments"));
        AssertDescribed("Artifact", artifact);
        AssertDescribed("ArtifactList", await sandbox.GetAsync($"experiments/{ids[0]}/artifacts"));
        AssertDescribed("SignedUrl", await sandbox.GetAsync($"artifacts/{artifact.GetProperty("id").GetString()}/download"));
        AssertDescribed("Comparison", comparison);
        AssertDescribed("ConfigDiff", comparison.GetProperty("config_diffs")[0]);
        AssertDescribed("MetricSummary", comparison.GetProperty("metric_summaries")[0]);
        AssertDescribed("Webhook", (await sandbox.GetAsync("webhooks")).GetProperty("webhooks")[0]);

        void AssertDescribed(string schema, JsonElement answer)
        {
            var described = schemas.GetProperty(schema).GetProperty("properties").EnumerateObject().Select(field => field.Name);
            Assert.Empty(answer.EnumerateObject().Select(member => member.Name).Except(described));
        }
    }

    [Fact]
    public async Task The_page_in_the_docs_is_its_table()
    {
        var table = Table(await DescriptionAsync());
        var path = Path.Combine(Root(), "docs", "sandbox-api.md");
        // With this variable set, the page is written in place of compared.
        if (Environment.GetEnvironmentVariable(PageVariable) is not null)
            await File.WriteAllTextAsync(path, table, TestSandbox.Cancel);
        Assert.Equal(table, (await File.ReadAllTextAsync(path, TestSandbox.Cancel)).ReplaceLineEndings("\n"));
    }

    [Theory]
    [InlineData("GET", "sessions?limit=5", null, "the parameter 'limit'")]
    [InlineData("GET", "sessions?page=2", null, "the parameter 'page'")]
    [InlineData("GET", "sessions?status=stopped", null, "the value 'stopped' of the parameter 'status'")]
    [InlineData("POST", "sessions", """{"name":"x","gpu":"h100"}""", "the value 'h100' of the field 'gpu'")]
    [InlineData("POST", "sessions", """{"name":"x","gpu":"rtx4090","region":"eu"}""", "the field 'region'")]
    [InlineData("GET", "sessions/sess_x?expand=all", null, "the parameter 'expand'")]
    [InlineData("POST", "sessions/none/stop", """{"reason":"x"}""", "the field 'reason'")]
    [InlineData("POST", "sessions", """{"\ud800":1}""", "a field whose name is not valid Unicode")]
    [InlineData("GET", "Sessions", null, "the path '/api/v1/Sessions'")]
    [InlineData("GET", "sessions/none/", null, "the path '/api/v1/sessions/none/'")]
    public async Task Strict_refuses_what_is_not_documented_and_says_what(string method, string path, string? body, string what)
    {
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { Strict = true });
        await sandbox.AssertErrorAsync(new HttpMethod(method), path, body, HttpStatusCode.UnprocessableEntity, "undocumented", what);
    }

    [Fact]
    public async Task Strict_takes_all_that_is_documented()
    {
        await using var sandbox = await TestSandbox.StartAsync(TestSandbox.Options with { Strict = true });
        await sandbox.PostAsync("webhooks", new { url = "https://localhost:1/", events = new[] { "plan.completed" }, secret = "whsec" });
        var (session, ids) = await sandbox.CreateFinishedSessionAsync();
        await sandbox.GetAsync("sessions?status=running");
        await sandbox.GetAsync($"sessions/{session}/experiments");
        await sandbox.PostAsync("experiments/compare", new { experiment_ids = ids }, HttpStatusCode.OK);
        await sandbox.PostAsync($"sessions/{session}/stop", "", HttpStatusCode.OK);
        await sandbox.AssertErrorAsync(HttpMethod.Post, "sessions", "{", HttpStatusCode.BadRequest, "invalid_request", "not valid JSON");
        await sandbox.AssertErrorAsync(HttpMethod.Post, "sessions", """{"name":"\ud800","gpu":"rtx4090"}""", HttpStatusCode.BadRequest, "invalid_request", "'name' is not valid Unicode");
        await sandbox.AssertErrorAsync(HttpMethod.Post, "/sandbox/faults", """{"\ud800":1}""", HttpStatusCode.BadRequest, "invalid_request", "not valid Unicode");
    }

    private static void AssertMarked(JsonElement element)
    {
        var status = element.GetProperty("x-status").GetString();
        Assert.True(status == "assumed" || (status == "documented" && element.GetProperty("x-page").GetString() is { Length: > 0 }), element.GetRawText());
    }

    private static async Task<JsonElement> DescriptionAsync()
    {
        await using var sandbox = await TestSandbox.StartAsync();
        using var client = new HttpClient();
        return TestSandbox.Parse(await client.GetStringAsync(new Uri(sandbox.BaseUri, "/openapi.json"), TestSandbox.Cancel));
    }

    private static string Table(JsonElement root)
    {
        var text = new StringBuilder("""
            # What is documented, and what is assumed

            Generated from `src/Meshia.Sandbox/Description/openapi.json`, which the sandbox serves at `/openapi.json`. Do not edit this page: run the
            tests of the sandbox with `MESHIA_WRITE_PAGES=1`.

            ## Operations

            | operation | parameter | status | page |
            | --- | --- | --- | --- |

            """.ReplaceLineEndings("\n"));
        foreach (var path in root.GetProperty("paths").EnumerateObject())
        {
            foreach (var operation in path.Value.EnumerateObject())
            {
                Row($"`{operation.Name.ToUpperInvariant()} {path.Name}`", "", operation.Value);
                if (operation.Value.TryGetProperty("parameters", out var parameters))
                {
                    foreach (var parameter in parameters.EnumerateArray())
                        Row("", $"`{parameter.GetProperty("name").GetString()}`", parameter);
                }
            }
        }

        text.Append("\n## Fields\n\n| object | field | status | page |\n| --- | --- | --- | --- |\n");
        foreach (var schema in root.GetProperty("components").GetProperty("schemas").EnumerateObject())
        {
            var name = $"`{schema.Name}`";
            foreach (var field in schema.Value.GetProperty("properties").EnumerateObject())
            {
                Row(name, $"`{field.Name}`", field.Value);
                name = "";
            }
        }

        return text.ToString();

        void Row(string first, string second, JsonElement element)
        {
            var page = element.TryGetProperty("x-page", out var name) ? name.GetString() : "";
            text.Append($"| {first} | {second} | {element.GetProperty("x-status").GetString()} | {page} |\n".Replace("|  |", "| |", StringComparison.Ordinal));
        }
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Meshia.psd1")))
            folder = folder.Parent ?? throw new InvalidOperationException("The tests are not run from within the repository.");
        return folder.FullName;
    }
}
