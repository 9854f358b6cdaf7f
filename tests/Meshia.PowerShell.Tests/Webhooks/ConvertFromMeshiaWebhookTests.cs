using System.Net;
using System.Text;

namespace Meshia.PowerShell.Tests;

[Trait("Culture", "Dependent")]
public sealed class ConvertFromMeshiaWebhookTests : IDisposable
{
    private const string Secret = "s3cret";
    private const string Body = """{"event":"experiment.completed","timestamp":"2026-03-01T12:00:00Z","session_id":"sess_a","data":{"experiment_id":"exp_ä","metrics":{"loss":0.31},"duration_seconds":12}}""";

    private readonly ModuleSession _session = new();

    public ConvertFromMeshiaWebhookTests() => _session.Output(
        "",
        ("body", Body),
        ("secret", Secret),
        ("signature", Sign(Body)),
        ("bytes", Encoding.UTF8.GetBytes(Body)));

    public void Dispose() => _session.Dispose();

    public static TheoryData<string> Forms =>
    [
        // Azure Automation: an object in a running job, JSON text in the test pane; header names as the sender wrote them or not.
        "[pscustomobject]@{ WebhookName = 'w'; RequestHeader = [pscustomobject]@{ 'X-Meshia-Signature' = $signature }; RequestBody = $body } | ConvertFrom-MeshiaWebhook -Secret $secret",
        "@{ WebhookName = 'w'; RequestHeader = @{ 'x-meshia-signature' = $signature }; RequestBody = $body } | ConvertFrom-MeshiaWebhook -Secret $secret",
        "$data | ConvertFrom-MeshiaWebhook -Secret $secret",
        "ConvertFrom-MeshiaWebhook -InputObject $data -Secret $secret",
        // Azure Functions: the raw body beside the one that was turned into objects.
        "[pscustomobject]@{ Method = 'POST'; Headers = @{ 'X-MESHIA-SIGNATURE' = $signature }; Body = @{ event = 'x' }; RawBody = $body } | ConvertFrom-MeshiaWebhook -Secret $secret",
        // ASP.NET Core: a stream, and headers of several values.
        "$aspnet | ConvertFrom-MeshiaWebhook -Secret $secret",
        // Anything else.
        "ConvertFrom-MeshiaWebhook -Body $body -Headers @{ 'X-Meshia-Signature' = $signature } -Secret $secret",
        "ConvertFrom-MeshiaWebhook -Body $bytes -Headers @{ 'X-Meshia-Signature' = @($signature) } -Secret 'old', $secret",
        "ConvertFrom-MeshiaWebhook -Body ([object[]]$bytes) -Headers @{ 'X-Meshia-Signature' = $signature } -Secret $secret",
    ];

    [Theory]
    [MemberData(nameof(Forms))]
    public void Reads_what_the_platform_hands_over(string script)
    {
        var data = System.Text.Json.JsonSerializer.Serialize(new
        {
            WebhookName = "w",
            RequestBody = Body,
            RequestHeader = new Dictionary<string, string> { ["Connection"] = "close", ["X-Meshia-Signature"] = Sign(Body) },
        });
        var aspnet = new Microsoft.AspNetCore.Http.DefaultHttpContext().Request;
        aspnet.Body = new MemoryStream(Encoding.UTF8.GetBytes(Body));
        aspnet.Headers["X-Meshia-Signature"] = Sign(Body);

        var converted = Assert.Single(_session.Output(script, ("data", data), ("aspnet", aspnet)));

        Assert.Equal("Meshia.ExperimentCompletedEvent", converted.TypeNames[0]);
        Assert.Equal("exp_ä", converted.Properties["ExperimentId"].Value);
        Assert.Equal(true, converted.Properties["IsVerified"].Value);
        Assert.Equal(TimeSpan.FromSeconds(12), converted.Properties["Duration"].Value);
    }

    [Fact]
    public async Task Reads_a_request_of_HttpListener()
    {
        using var listener = new HttpListener();
        var address = $"http://localhost:{Ports.Free()}/";
        listener.Prefixes.Add(address);
        listener.Start();
        var context = listener.GetContextAsync();
        using var http = new HttpClient();
        using var content = new StringContent(Body);
        content.Headers.Add("X-Meshia-Signature", Sign(Body));
        var answer = http.PostAsync(address, content, TestContext.Current.CancellationToken);

        var converted = Assert.Single(_session.Output("$context | ConvertFrom-MeshiaWebhook -Secret $secret", ("context", await context)));
        (await context).Response.Close();

        Assert.Equal("exp_ä", converted.Properties["ExperimentId"].Value);
        (await answer).Dispose();
    }

    [Theory]
    [InlineData("ConvertFrom-MeshiaWebhook -Body $body -Headers @{ 'X-Meshia-Signature' = $signature } -Secret other", "invalid_signature")]
    [InlineData("ConvertFrom-MeshiaWebhook -Body $body -Headers @{} -Secret $secret", "invalid_signature")]
    [InlineData("ConvertFrom-MeshiaWebhook -Body $body -Secret $secret", "invalid_signature")]
    [InlineData("ConvertFrom-MeshiaWebhook -Body ($body + ' ') -Headers @{ 'X-Meshia-Signature' = $signature } -Secret $secret", "invalid_signature")]
    [InlineData("ConvertFrom-MeshiaWebhook -Body $body -Headers @{ 'X-Meshia-Signature' = @($signature, $signature) } -Secret $secret", "invalid_signature")]
    [InlineData("$body | ConvertFrom-MeshiaWebhook -Secret $secret", "invalid_signature")]
    [InlineData("@{ a = 1 } | ConvertFrom-MeshiaWebhook -Secret $secret", "invalid_event")]
    [InlineData("12 | ConvertFrom-MeshiaWebhook -Secret $secret", "invalid_event")]
    [InlineData("@{ RequestBody = @{ event = 'ping' } } | ConvertFrom-MeshiaWebhook -Secret $secret", "invalid_event")]
    [InlineData("'not JSON' | ConvertFrom-MeshiaWebhook -AllowUnverified", "invalid_event")]
    [InlineData("ConvertFrom-MeshiaWebhook -Body @{ event = 'ping' } -AllowUnverified", "invalid_event")]
    public void What_is_not_right_is_one_error_and_no_event(string script, string id)
    {
        var result = _session.Invoke(script);

        Assert.Null(result.Terminating);
        Assert.Empty(result.Output);
        Assert.Equal($"{id},Meshia.PowerShell.ConvertFromMeshiaWebhook", result.Error.FullyQualifiedErrorId);
        Assert.DoesNotContain(Secret, result.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Unverified_input_is_taken_only_when_the_caller_says_so()
    {
        var refused = Assert.Single(_session.Output("try { $body | ConvertFrom-MeshiaWebhook } catch { $_ }"));
        var taken = Assert.Single(_session.Output("$body | ConvertFrom-MeshiaWebhook -AllowUnverified"));

        Assert.Equal("InvalidSecret,Meshia.PowerShell.ConvertFromMeshiaWebhook", refused.Properties["FullyQualifiedErrorId"].Value);
        Assert.Equal(false, taken.Properties["IsVerified"].Value);
    }

    [Fact]
    public void One_bad_delivery_of_three_hides_no_other()
    {
        var result = _session.Invoke("$body, 'bad', $body | ConvertFrom-MeshiaWebhook -AllowUnverified");

        Assert.Equal(2, result.Output.Count);
        Assert.Single(result.Errors);
    }

    [Theory]
    [InlineData("Test-MeshiaWebhookSignature $body $signature $secret", true)]
    [InlineData("Test-MeshiaWebhookSignature $bytes $signature $secret", true)]
    [InlineData("Test-MeshiaWebhookSignature $body $signature 'old', $secret", true)]
    [InlineData("[pscustomobject]@{ Body = $body; Signature = $signature } | Test-MeshiaWebhookSignature -Secret $secret", true)]
    [InlineData("Test-MeshiaWebhookSignature $body $signature (ConvertTo-Secure $secret)", true)]
    [InlineData("Test-MeshiaWebhookSignature $body $signature other", false)]
    [InlineData("Test-MeshiaWebhookSignature $body '' $secret", false)]
    [InlineData("Test-MeshiaWebhookSignature $body $null $secret", false)]
    [InlineData("Test-MeshiaWebhookSignature $null $signature $secret", false)]
    [InlineData("Test-MeshiaWebhookSignature '' $signature $secret", false)]
    [InlineData("Test-MeshiaWebhookSignature @{ event = 'ping' } $signature $secret", false)]
    [InlineData("Test-MeshiaWebhookSignature $body $signature ''", false)]
    public void Test_MeshiaWebhookSignature_gives_true_or_false_and_never_an_error(string script, bool expected)
    {
        _session.Output("function ConvertTo-Secure ($text) { $s = [securestring]::new(); $text.ToCharArray() | ForEach-Object { $s.AppendChar($_) }; $s }");

        Assert.Equal(expected, Assert.Single(_session.Output(script)).BaseObject);
    }

    private static string Sign(string body) =>
        $"sha256={Convert.ToHexStringLower(System.Security.Cryptography.HMACSHA256.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(body)))}";

    [Theory]
    [InlineData("ConvertFrom-MeshiaWebhook -Body $body -Headers @{ 'X-Meshia-Signature' = $signature } -Secret $secret -MaximumAge 1.00:00:00", "stale_event")]
    [InlineData("Test-MeshiaWebhookSignature -Body $body -Signature $signature -Secret $secret -MaximumAge 1.00:00:00", null)]
    public void An_old_event_is_refused_where_an_age_is_given(string command, string? error)
    {
        var result = _session.Invoke(command, ("body", Body), ("signature", Sign(Body)), ("secret", Secret));

        Assert.Equal(error is null ? [false] : [], result.Output.Select(item => item.BaseObject));
        Assert.Equal(error is null ? [] : [error], result.Errors.Select(record => record.FullyQualifiedErrorId.Split(',')[0]));
    }
}
