using System.Text;

namespace Meshia.Client.Tests;

[Trait("Culture", "Dependent")]
public sealed class EventTests
{
    private const string Secret = "s3cret";

    [Fact]
    [Trait("Contract", "webhook-delivery")]
    public void That_an_experiment_completed_has_its_metrics_and_duration()
    {
        var read = Read("""{"event":"experiment.completed","timestamp":"2026-03-01T12:00:00Z","session_id":"sess_a","data":{"experiment_id":"exp_a","metrics":{"loss":0.31,"bleu":NaN},"duration_seconds":4821}}""");

        var completed = Assert.IsType<ExperimentCompletedEvent>(read);
        Assert.Equal(("experiment.completed", "sess_a", "exp_a", true), (completed.EventType, completed.SessionId, completed.ExperimentId, completed.IsVerified));
        Assert.Equal(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero), completed.Timestamp);
        Assert.Equal(TimeSpan.FromSeconds(4821), completed.Duration);
        Assert.Equal((0.31, double.NaN), (completed.Metrics["loss"], completed.Metrics["bleu"]));
        Assert.Equal(4821L, completed.Data["duration_seconds"]);
    }

    [Theory]
    [InlineData("session.started", typeof(WebhookEvent))]
    [InlineData("session.stopped", typeof(WebhookEvent))]
    [InlineData("experiment.completed", typeof(ExperimentCompletedEvent))]
    [InlineData("experiment.failed", typeof(ExperimentFailedEvent))]
    [InlineData("plan.completed", typeof(WebhookEvent))]
    [InlineData("plan.needs_input", typeof(WebhookEvent))]
    [InlineData("workflow.completed", typeof(WebhookEvent))]
    [InlineData("workflow.failed", typeof(WebhookEvent))]
    [InlineData("ping", typeof(WebhookEvent))]
    public void Has_the_type_for_its_data_and_survives_without_any(string name, Type type)
    {
        var bare = Read($$"""{"event":"{{name}}"}""");
        var sample = WebhookEvent.ReadUnverified(WebhookSample.Body(name, DateTimeOffset.UnixEpoch, "sess_b", new Dictionary<string, object?> { ["more"] = 1 }));

        Assert.IsType(type, bare);
        Assert.Equal((name, null, null), (bare.EventType, bare.SessionId, bare.Timestamp));
        Assert.IsType(type, sample);
        Assert.False(sample.IsVerified);
        Assert.Equal(DateTimeOffset.UnixEpoch, sample.Timestamp);
        if (name != "ping")
            Assert.Equal(("sess_b", 1L), (sample.SessionId, sample.Data["more"]));
    }

    [Fact]
    public void That_is_unknown_is_kept_whole()
    {
        var read = Read("""{"event":"gpu.melted","timestamp":1767225600,"session_id":"sess_a","data":{"celsius":[900,901]},"severity":"high"}""");

        Assert.Equal(typeof(WebhookEvent), read.GetType());
        Assert.Equal("gpu.melted", read.EventType);
        Assert.Equal([900L, 901L], (object?[])read.Data["celsius"]!);
        Assert.Equal("high", read.AdditionalProperties["severity"]);
        Assert.Equal(2026, read.Timestamp!.Value.Year);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[1]")]
    [InlineData("{}")]
    [InlineData("""{"event":""}""")]
    [InlineData("""{"event":{"a":1}}""")]
    [InlineData("""{"event":"ping"} x""")]
    [InlineData("""{"event":"ping""")]
    [InlineData("<html>")]
    public void That_is_none_is_a_format_error_even_where_it_is_signed(string body) =>
        Assert.Throws<FormatException>(() => Read(body));

    [Fact]
    public void That_is_nested_without_end_is_a_format_error() =>
        Assert.Throws<FormatException>(() => Read("""{"event":"ping","data":""" + new string('[', 1_000_000)));

    [Fact]
    public void Whose_signature_is_wrong_or_missing_is_refused_before_it_is_read()
    {
        var body = "<not even JSON>"u8.ToArray();

        Assert.Contains("no X-Meshia-Signature", Assert.Throws<WebhookSignatureException>(() => WebhookEvent.ReadVerified(body, null, [Secret])).Message, StringComparison.Ordinal);
        var wrong = Assert.Throws<WebhookSignatureException>(() => WebhookEvent.ReadVerified(body, WebhookSignature.Sign(body, "other"), [Secret]));
        Assert.Contains("does not match any of the secrets", wrong.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(Secret, wrong.ToString(), StringComparison.Ordinal);
    }

    private static WebhookEvent Read(string body)
    {
        var bytes = Encoding.UTF8.GetBytes(body);
        return WebhookEvent.ReadVerified(bytes, WebhookSignature.Sign(bytes, Secret), [Secret]);
    }
}
