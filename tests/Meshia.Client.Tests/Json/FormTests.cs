namespace Meshia.Client.Tests;

/// <summary>The forms that an object may have: names, wrappers, numbers as texts.</summary>
public class FormTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [Trait("Contract", "field-forms")]
    [InlineData("""{"id":"s1","name":"n","gpu":"g","status":"RUNNING","createdAt":"2025-06-01T12:00:00Z"}""")]
    [InlineData("""{"ID":"s1","Name":"n","GPU":"g","State":"Running","CreatedAt":"2025-06-01T12:00:00Z"}""")]
    [InlineData("""{"session_id":"s1","name":"n","gpu_type":"g","status":"running","created-at":"1748779200"}""")]
    [InlineData("""{"result":{"id":"s1","name":"n","gpu":"g","status":"running","created":1748779200}}""")]
    [InlineData("""{"data":{"session":{"id":"s1","name":"n","gpu":"g","status":"running","created_at":1748779200000}}}""")]
    [InlineData("""[{"id":"s1","name":"n","gpu":"g","status":"running","created_at":"2025-06-01T12:00:00+00:00"}]""")]
    public async Task A_session_is_read_in_every_form(string body)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(body));
        var (client, messages) = service.HeardClient();

        var session = await client.GetSessionAsync("s1", cancellationToken: Cancel);

        Assert.Equal(("s1", "n", "g", SessionStatus.Running, new DateTimeOffset(2025, 6, 1, 12, 0, 0, TimeSpan.Zero)), (session.Id, session.Name, session.Gpu, session.Status, session.CreatedAt));
        Assert.Empty(session.AdditionalProperties);
        Assert.Empty(messages.Warnings());
    }

    [Theory]
    [Trait("Contract", "field-forms")]
    [InlineData("""{"metrics":[{"name":"loss","value":0.31}],"durationSeconds":"90"}""")]
    [InlineData("""{"metrics":[{"key":"loss","value":0.31,"step":null}],"duration":90}""")]
    [InlineData("""{"Metrics":{"loss":0.31},"DurationSeconds":90.0}""")]
    public async Task Metrics_and_durations_are_read_in_every_form(string fields)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("{\"id\":\"e1\",\"status\":\"COMPLETED\"," + fields[1..]));
        using var client = service.Client();

        var experiment = await client.GetExperimentAsync("e1", cancellationToken: Cancel);

        var loss = experiment.Metrics["loss"];
        Assert.Equal(0.31, loss is JsonObject point ? point["value"] : loss);
        Assert.Equal((TimeSpan.FromSeconds(90), ExperimentStatus.Completed), (experiment.Duration, experiment.Status));
    }

    [Fact]
    [Trait("Contract", "field-forms")]
    public async Task A_metric_that_is_named_again_is_a_history()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("""{"id":"e1","metrics":[{"name":"loss","value":3},{"name":"acc","value":1},{"name":"loss","value":2}]}"""));
        using var client = service.Client();

        var metrics = (await client.GetExperimentAsync("e1", cancellationToken: Cancel)).Metrics;

        Assert.Equal([3L, 2L], (object?[])metrics["loss"]!);
        Assert.Equal(1L, metrics["acc"]);
    }

    [Theory]
    [Trait("Contract", "field-forms")]
    [InlineData("""{"size":5}""")]
    [InlineData("""{"sizeBytes":"5"}""")]
    [InlineData("""{"bytes":5.0}""")]
    public async Task A_size_is_read_in_every_form(string fields)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok("[{\"id\":7,\"filename\":\"m.bin\"," + fields[1..] + "]"));
        using var client = service.Client();

        var artifact = Assert.Single(await client.GetArtifactsAsync("e1", cancellationToken: Cancel).AllAsync());

        Assert.Equal(("7", "m.bin", 5L), (artifact.Id, artifact.Name, artifact.SizeBytes));
    }

    [Theory]
    [Trait("Contract", "times")]
    [InlineData("\"2025-06-01T12:00:00\"", "2025-06-01T12:00:00.0000000")]
    [InlineData("\"2025-06-01 12:00:00Z\"", "2025-06-01T12:00:00.0000000")]
    [InlineData("\"2025-06-01t12:00:00z\"", "2025-06-01T12:00:00.0000000")]
    [InlineData("\"2025-06-01T17:30:00+0530\"", "2025-06-01T12:00:00.0000000")]
    [InlineData("\"2025-06-01T17:30:00+05:30\"", "2025-06-01T12:00:00.0000000")]
    [InlineData("\"2025-06-01T07:00-05:00\"", "2025-06-01T12:00:00.0000000")]
    [InlineData("\"2025-06-01T12:00:00.123456789Z\"", "2025-06-01T12:00:00.1234567")]
    [InlineData("\"2025-06-01\"", "2025-06-01T00:00:00.0000000")]
    [InlineData("\"Sun, 01 Jun 2025 12:00:00 GMT\"", "2025-06-01T12:00:00.0000000")]
    [InlineData("\"0001-01-01T00:00:00Z\"", "0001-01-01T00:00:00.0000000")]
    [InlineData("\"9999-12-31T23:59:59.9999999Z\"", "9999-12-31T23:59:59.9999999")]
    [InlineData("1748779200", "2025-06-01T12:00:00.0000000")]
    [InlineData("1748779200.123456", "2025-06-01T12:00:00.1234560")]
    [InlineData("1748779200123", "2025-06-01T12:00:00.1230000")]
    [InlineData("1748779200123456", "2025-06-01T12:00:00.1234560")]
    [InlineData("1748779200123456789", "2025-06-01T12:00:00.1234567")]
    [InlineData("\"1748779200\"", "2025-06-01T12:00:00.0000000")]
    [InlineData("\"1748779200123\"", "2025-06-01T12:00:00.1230000")]
    [InlineData("\"1.7487792e9\"", "2025-06-01T12:00:00.0000000")]
    public async Task A_time_is_read_in_every_form(string value, string utc)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($$"""{"id":"s1","name":"n","gpu":"g","status":"running","created_at":{{value}}}"""));
        var (client, messages) = service.HeardClient();

        var session = await client.GetSessionAsync("s1", cancellationToken: Cancel);

        Assert.Equal(utc + "+00:00", session.CreatedAt?.ToString("O", System.Globalization.CultureInfo.InvariantCulture));
        Assert.Empty(messages.Warnings());
    }

    /// <summary>.NET reads most of these as some day of this year.</summary>
    [Theory]
    [Trait("Contract", "times")]
    [InlineData("\"1,5\"")]
    [InlineData("\"10.5\"")]
    [InlineData("\"12:00\"")]
    [InlineData("\"June\"")]
    [InlineData("\"1/2/2025\"")]
    [InlineData("\"2025\"")]
    [InlineData("\"true\"")]
    [InlineData("\"NaN\"")]
    [InlineData("\"Infinity\"")]
    [InlineData("\"0x10\"")]
    [InlineData("\"2025-13-45\"")]
    [InlineData("\"2025-06-01T12:00:00+99:00\"")]
    [InlineData("\"2025-06-01T12:00:00 or so\"")]
    [InlineData("true")]
    [InlineData("7")]
    [InlineData("20250601")]
    [InlineData("-1")]
    [InlineData("1e400")]
    [InlineData("{}")]
    [InlineData("[]")]
    public async Task What_is_no_time_is_a_warning_that_names_the_field_and_stays(string value)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($$"""{"id":"s1","name":"n","gpu":"g","status":"running","stopped_at":{{value}},"created_at":{{value}}}"""));
        var (client, messages) = service.HeardClient();

        var session = await client.GetSessionAsync("s1", cancellationToken: Cancel);

        Assert.Equal((null, null), (session.CreatedAt, session.StoppedAt));
        Assert.Equal(["created_at", "stopped_at"], session.AdditionalProperties.Keys.Order(StringComparer.Ordinal));
        var warning = Assert.Single(messages.Warnings());
        Assert.Contains("created_at", warning, StringComparison.Ordinal);
        Assert.Contains("stopped_at", warning, StringComparison.Ordinal);
    }

    [Theory]
    [Trait("Contract", "field-forms")]
    [InlineData("0.29", 2_900_000L)]
    [InlineData("\"0.29\"", 2_900_000L)]
    [InlineData("1e2", 1_000_000_000L)]
    [InlineData("-5", -50_000_000L)]
    [InlineData("1e400", null)]
    [InlineData("NaN", null)]
    [InlineData("\"Infinity\"", null)]
    [InlineData("\"1,5\"", null)]
    [InlineData("\"0x10\"", null)]
    [InlineData("true", null)]
    public async Task A_duration_is_exact_or_a_warning(string value, long? ticks)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($$"""{"id":"e1","status":"completed","duration_seconds":{{value}}}"""));
        var (client, messages) = service.HeardClient();

        var experiment = await client.GetExperimentAsync("e1", cancellationToken: Cancel);

        Assert.Equal(ticks, experiment.Duration?.Ticks);
        Assert.Equal(ticks is null ? 1 : 0, experiment.AdditionalProperties.Count);
        Assert.Equal(ticks is null, messages.Warnings().Any(warning => warning.Contains("duration_seconds", StringComparison.Ordinal)));
    }

    [Theory]
    [Trait("Contract", "field-forms")]
    [InlineData("\"9007199254740993.0\"", 9007199254740993L, true)]
    [InlineData("9007199254740993.0", 9007199254740993L, true)]
    [InlineData("\"1e3\"", 1000L, true)]
    [InlineData("-1", null, true)]
    [InlineData("18446744073709551615", null, false)]
    [InlineData("\"18446744073709551615\"", null, false)]
    [InlineData("1.5", null, false)]
    [InlineData("\"1,5\"", null, false)]
    [InlineData("\"0x10\"", null, false)]
    [InlineData("\"12 MB\"", null, false)]
    [InlineData("true", null, false)]
    public async Task A_size_is_exact_or_a_warning(string value, long? size, bool isRead)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($$"""[{"id":"a1","name":"n","size_bytes":{{value}},"more":1}]"""));
        var (client, messages) = service.HeardClient();

        var artifact = Assert.Single(await client.GetArtifactsAsync("e1", cancellationToken: Cancel).AllAsync());

        Assert.Equal(size, artifact.SizeBytes);
        Assert.Equal(!isRead, artifact.AdditionalProperties.ContainsKey("size_bytes"));
        Assert.Equal(!isRead, messages.Warnings().Any(warning => warning.Contains("size_bytes", StringComparison.Ordinal)));
    }

    [Theory]
    [Trait("Contract", "field-forms")]
    [InlineData("""["plan.completed"]""")]
    [InlineData("""[{"name":"plan.completed"}]""")]
    [InlineData("""[{"type":"plan.completed","enabled":true}]""")]
    [InlineData("""{"plan.completed":true,"session.started":false}""")]
    [InlineData("\"plan.completed\"")]
    public async Task Events_are_read_in_every_form(string events)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($$"""[{"id":"w1","href":"https://h/","events":{{events}}}]"""));
        using var client = service.Client();

        var webhook = Assert.Single(await client.GetWebhooksAsync(cancellationToken: Cancel).AllAsync());

        Assert.Equal("https://h/", webhook.Url);
        Assert.Equal(["plan.completed"], webhook.Events);
    }

    [Theory]
    [Trait("Contract", "field-forms")]
    [InlineData("""{"href":"https://h/x?s=1"}""", "https://h/x?s=1")]
    [InlineData("""{"link":"https://h/x"}""", "https://h/x")]
    [InlineData("""{"link":{"href":"https://h/x"}}""", "https://h/x")]
    [InlineData("""{"downloadUrl":"https://h/x"}""", "https://h/x")]
    [InlineData("""{"result":{"url":"https://h/x"}}""", "https://h/x")]
    [InlineData("""{"url":"/files/x?s=1"}""", "/files/x?s=1")]
    public async Task A_download_address_is_read_in_every_form(string body, string address)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok(body));
        using var client = service.Client();

        var url = await client.GetArtifactDownloadAsync("a1", cancellationToken: Cancel);

        Assert.Equal(new Uri(service.Origin, address).AbsoluteUri, url.Uri.AbsoluteUri);
    }

    [Theory]
    [Trait("Contract", "unknown-fields")]
    [InlineData("""{"id":"s1","name":"n","gpu":"g","lifecycle":"up","created_at":"2025-06-01T12:00:00Z"}""", "status", "lifecycle")]
    [InlineData("""{"id":"s1","name":"n","gpu":"g","status":"running","born":"2025-06-01T12:00:00Z"}""", "created_at", "born")]
    [InlineData("""{"id":"s1","name":"n","gpu":"g","status":"running","created_at":"some day"}""", "created_at", "some day")]
    public async Task A_known_field_that_is_not_found_or_not_readable_warns_once(string session, string field, string kept)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Ok($"[{session},{session.Replace("s1", "s2", StringComparison.Ordinal)}]"));
        var (client, messages) = service.HeardClient();

        var sessions = await client.GetSessionsAsync(cancellationToken: Cancel).AllAsync();
        await client.GetSessionsAsync(cancellationToken: Cancel).AllAsync();

        Assert.Equal(2, sessions.Count);
        Assert.Contains(field, Assert.Single(messages.Warnings()), StringComparison.Ordinal);
        Assert.Contains(kept, JsonValue.ToText(sessions[0].AdditionalProperties), StringComparison.Ordinal);
    }
}
