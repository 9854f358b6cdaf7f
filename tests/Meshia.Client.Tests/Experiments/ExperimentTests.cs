namespace Meshia.Client.Tests;

[Trait("Culture", "Dependent")]
public class ExperimentTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Contract", "experiment-get")]
    [Trait("Contract", "experiment-object")]
    [InlineData("{0}")]
    [InlineData("{{\"experiment\":{0}}}")]
    [InlineData("{{\"data\":{0}}}")]
    public async Task An_experiment_is_read_bare_and_wrapped(string form)
    {
        var experiment = await ReadAsync(string.Format(System.Globalization.CultureInfo.InvariantCulture, form, """
            {"id":"exp_1","session_id":"sess_1","name":"run","status":"completed","config":{"optimizer":{"lr":0.01},"layers":[1,2]},
             "metrics":{"loss":0.25,"steps":1000,"note":"ok","none":null,"nested":{"f1":1},"history":[3,2.5,NaN]},
             "artifacts":[{"id":"art_1","name":"model.pt","size_bytes":3}],"duration_seconds":90.5,
             "created_at":"2025-06-01T10:00:00Z","completed_at":1748772090,"error":null,"seed":7}
            """));

        Assert.Equal(("exp_1", "sess_1", "run", "completed"), (experiment.Id, experiment.SessionId, experiment.Name, experiment.Status));
        Assert.Equal(0.01, ((IDictionary<string, object?>)experiment.Config["optimizer"]!)["lr"]);
        Assert.Equal([0.25, 1000L, "ok", null], [experiment.Metrics["loss"], experiment.Metrics["steps"], experiment.Metrics["note"], experiment.Metrics["none"]]);
        Assert.Equal([3L, 2.5, double.NaN], (object?[])experiment.Metrics["history"]!);
        Assert.Equal(("art_1", "exp_1", 3L), (experiment.Artifacts[0].Id, experiment.Artifacts[0].ExperimentId, experiment.Artifacts[0].SizeBytes));
        Assert.Equal(TimeSpan.FromSeconds(90.5), experiment.Duration);
        Assert.Equal(new(2025, 6, 1, 10, 1, 30, TimeSpan.Zero), experiment.CompletedAt);
        Assert.Null(experiment.Error);
        Assert.Equal(7L, experiment.AdditionalProperties["seed"]);
    }

    [Theory]
    [InlineData("\"duration_seconds\":90", 90.0)]
    [InlineData("\"duration\":90.5", 90.5)]
    [InlineData("\"duration_seconds\":\"90\"", 90.0)]
    [InlineData("\"duration_seconds\":null,\"duration\":5", 5.0)]
    [InlineData("\"duration_seconds\":null", null)]
    [InlineData("\"duration_seconds\":NaN", null)]
    [InlineData("\"duration_seconds\":1e300", null)]
    public async Task A_duration_is_read_under_both_names(string field, double? seconds)
    {
        var experiment = await ReadAsync($$"""{"id":"exp_1",{{field}}}""");

        Assert.Equal(seconds, experiment.Duration?.TotalSeconds);
    }

    [Theory]
    [Trait("Contract", "experiment-object")]
    [InlineData("""["art_1","art_2"]""")]
    [InlineData("""[{"id":"art_1"},{"id":"art_2"}]""")]
    [InlineData("""["art_1",{"id":"art_2","name":"x"}]""")]
    [InlineData("""["art_1",null,{"name":"without id"},"art_2"]""")]
    public async Task Artifacts_are_read_as_objects_and_as_ids(string artifacts)
    {
        var experiment = await ReadAsync($$"""{"id":"exp_1","artifacts":{{artifacts}}}""");

        Assert.Equal(["art_1", "art_2"], experiment.Artifacts.Select(artifact => artifact.Id));
        Each.Of(experiment.Artifacts, artifact => Assert.Equal("exp_1", artifact.ExperimentId));
    }

    [Theory]
    [InlineData("\"out of memory\"", "out of memory")]
    [InlineData("{\"code\":\"oom\",\"message\":\"out of memory\"}", "out of memory")]
    [InlineData("137", "137")]
    [InlineData("null", null)]
    public async Task Why_it_failed_is_read_in_every_form(string error, string? expected) =>
        Assert.Equal(expected, (await ReadAsync($$"""{"id":"exp_1","error":{{error}}}""")).Error);

    [Theory]
    [InlineData("config", "[1]")]
    [InlineData("metrics", "[{\"loss\":1}]")]
    [InlineData("artifacts", "{\"model\":\"art_1\"}")]
    [InlineData("duration", "\"two hours\"")]
    [InlineData("error", "{\"trace\":\"…\"}")]
    public async Task A_field_of_an_unexpected_kind_is_not_lost(string name, string value)
    {
        var experiment = await ReadAsync($$"""{"id":"exp_1","{{name}}":{{value}}}""");

        Assert.NotNull(experiment.AdditionalProperties[name]);
    }

    [Theory]
    [Trait("Contract", "numbers")]
    [InlineData("NaN", double.NaN)]
    [InlineData("Infinity", double.PositiveInfinity)]
    [InlineData("-Infinity", double.NegativeInfinity)]
    public async Task Numbers_that_JSON_or_a_long_do_not_have_are_read(string number, double expected)
    {
        var experiment = await ReadAsync($$$"""{"id":"exp_1","metrics":{"x":{{{number}}},"y":[{{{number}}}]},"config":{"text":"{{{number}}}"}}""");

        Assert.Equal(expected, experiment.Metrics["x"]);
        Assert.Equal(number, experiment.Config["text"]);
    }

    [Fact]
    public async Task Text_that_is_no_valid_Unicode_is_read()
    {
        // Python writes a file name that is not UTF-8 as lone surrogates.
        var experiment = await ReadAsync("""{"id":"exp_1","name":"a\udcffb\n\u00e4\\","config":{"k\ud800":1,"pair":"\ud83d\ude00"}}""");

        Assert.Equal("a\udcffb\n\u00e4\\", experiment.Name);
        Assert.Equal("\ud83d\ude00", experiment.Config["pair"]);
        Assert.Equal(1L, experiment.Config["k\ud800"]);
    }

    [Fact]
    public async Task Bytes_that_are_no_UTF_8_are_read()
    {
        await using var service = new RawService(async connection =>
        {
            await connection.ReadRequestAsync();
            byte[] body = [.. "{\"id\":\"exp_1\",\"name\":\"gr"u8, 0xF6, 0xDF, .. "er\\u0041 größer\"}"u8];
            await connection.SendAsync($"HTTP/1.1 200 OK\r\nContent-Length: {body.Length}\r\n\r\n");
            await connection.SendAsync(body);
        });
        using var client = service.Client();

        // Latin-1, as it most likely is.
        Assert.Equal("größerA größer", (await client.GetExperimentAsync("exp_1", cancellationToken: Cancel)).Name);
    }

    [Fact]
    public async Task Names_that_differ_in_case_only_are_both_kept()
    {
        var experiment = await ReadAsync("""{"id":"exp_1","config":{"LR":1,"lr":2}}""");

        Assert.Equal([1L, 2L], [experiment.Config["LR"], experiment.Config["lr"]]);
    }

    private static async Task<Experiment> ReadAsync(string body)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(body));
        using var client = service.Client();
        var experiment = await client.GetExperimentAsync("exp_1", cancellationToken: Cancel);
        Assert.Equal("GET /experiments/exp_1", service.Requests.Single().Endpoint);
        return experiment;
    }
}
