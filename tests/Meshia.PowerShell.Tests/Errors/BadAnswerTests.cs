using System.Management.Automation;

namespace Meshia.PowerShell.Tests;

/// <summary>A service that answers anything but its contract: one clear error, no crash, and the key goes nowhere else.</summary>
public sealed class BadAnswerTests
{
    private static readonly Dictionary<string, Reply> _answers = new()
    {
        ["a page"] = new(200, "<!DOCTYPE html><html><title>Sign in</title></html>", "text/html"),
        ["nothing"] = new(200),
        ["half a JSON"] = Reply.Ok("""{"id":"x","sessions":[{"id":"""),
        ["10 MB of nesting"] = Reply.Ok(new string('[', 10 * 1024 * 1024)),
        ["10 MB of nested objects"] = Reply.Ok(string.Concat(Enumerable.Repeat("""{"id":""", 2 * 1024 * 1024))),
        ["a number"] = Reply.Ok("42"),
        ["an object without an id"] = Reply.Ok("""{"hello":"world"}"""),
    };

    private static readonly string[] _calls =
    [
        "Get-MeshiaSession", "Get-MeshiaSession x", "Get-MeshiaExperiment x", "Get-MeshiaExperiment -SessionId x", "Get-MeshiaArtifact x",
        "Get-MeshiaWebhook", "Get-MeshiaWebhook x", "Save-MeshiaArtifact x -Destination $folder",
    ];

    /// <summary>Every call with every answer, but a generic request: whatever is JSON is right for it.</summary>
    public static MatrixTheoryData<string, string> CallsAndAnswers => new(_calls, _answers.Keys);

    [Theory]
    [MemberData(nameof(CallsAndAnswers))]
    public async Task Is_one_error_with_status_and_request_id(string call, string answer)
    {
        await using var service = await ScriptedService.StartAsync((_, context) =>
        {
            context.Response.Headers["X-Request-Id"] = "req_7";
            return _answers[answer].SendAsync(context.Response);
        });
        using var session = new ModuleSession();
        // An answer that breaks off is asked for again, which is not what is looked at here.
        session.Connect(service.BaseUri, retries: 0);
        var folder = Directory.CreateTempSubdirectory("meshia-answers-");

        var result = session.Invoke($"try {{ {call} }} catch {{ 'ended' }}", ("folder", folder.FullName));

        Assert.Empty(result.Output);
        AssertInvalid(result.Error);
        Assert.Empty(folder.EnumerateFiles("*", SearchOption.AllDirectories));
        folder.Delete(recursive: true);
    }

    [Theory]
    [InlineData("half a JSON")]
    [InlineData("10 MB of nesting")]
    [InlineData("10 MB of nested objects")]
    public async Task Is_one_error_of_a_generic_request_too(string answer)
    {
        await using var service = await ScriptedService.StartAsync((_, context) =>
        {
            context.Response.Headers["X-Request-Id"] = "req_7";
            return _answers[answer].SendAsync(context.Response);
        });
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        AssertInvalid(session.Invoke("Invoke-MeshiaRequest /things").Error);
    }

    [Theory]
    [InlineData("Get-MeshiaSession", 302)]
    [InlineData("Get-MeshiaSession x", 301)]
    [InlineData("Get-MeshiaSession x", 308)]
    [InlineData("New-MeshiaSession a rtx4090", 307)]
    [InlineData("Stop-MeshiaSession x", 307)]
    [InlineData("Invoke-MeshiaRequest /things", 303)]
    public async Task A_redirect_to_another_host_is_not_followed(string call, int status)
    {
        await using var other = await ScriptedService.StartAsync(Reply.Ok("""{"id":"x"}"""));
        await using var service = await ScriptedService.StartAsync(request => request.Method == "GET" && request.Endpoint == "GET /sessions" && call.StartsWith("New", StringComparison.Ordinal)
            ? Reply.Ok("""{"sessions":[]}""")
            : new Reply(status).With("Location", new Uri(other.Origin, "/api/v1/sessions").AbsoluteUri).With("X-Request-Id", "req_7"));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke(call);

        Assert.Empty(other.Requests);
        Assert.Empty(result.Output);
        Assert.Contains("redirects to another host, 127.0.0.1", result.Error.ToString(), StringComparison.Ordinal);
        Assert.Contains($"status {status}", result.Error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_list_that_continues_at_another_host_is_not_followed()
    {
        await using var other = await ScriptedService.StartAsync(Reply.Ok("""{"sessions":[{"id":"stolen"}]}"""));
        await using var service = await ScriptedService.StartAsync(_ => Reply.Ok("""{"sessions":[{"id":"one"}]}""").With("Link", $"<{other.Origin}api/v1/sessions?page=2>; rel=\"next\""));
        using var session = new ModuleSession();
        session.Connect(service.BaseUri);

        var result = session.Invoke("Get-MeshiaSession");

        Assert.Empty(other.Requests);
        Assert.Equal("one", Assert.Single(result.Output).Properties["Id"].Value);
        Assert.Contains("not complete", Assert.Single(result.Warnings), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_storage_host_never_gets_the_key()
    {
        await using var storage = await ScriptedService.StartAsync(new Reply(200, "bytes", "application/octet-stream"));
        await using var service = await ScriptedService.StartAsync(_ => new Reply(302).With("Location", new Uri(storage.Origin, "/file?signature=s").AbsoluteUri));
        using var session = new ModuleSession();
        var key = ModuleSession.NewKey();
        session.Connect(service.BaseUri, key);
        var folder = Directory.CreateTempSubdirectory("meshia-storage-");

        session.Output("Save-MeshiaArtifact x -Destination $folder", ("folder", folder.FullName));

        Assert.Equal($"Bearer {key}", Assert.Single(service.Requests).Headers["Authorization"]);
        var fetched = Assert.Single(storage.Requests);
        Assert.DoesNotContain("Authorization", fetched.Headers.Keys);
        Assert.DoesNotContain(key, string.Join('\n', fetched.Headers.Values) + fetched.Query, StringComparison.Ordinal);
        folder.Delete(recursive: true);
    }

    private static void AssertInvalid(ErrorRecord error)
    {
        Assert.StartsWith("invalid_answer,", error.FullyQualifiedErrorId);
        Assert.Equal(ErrorCategory.InvalidResult, error.CategoryInfo.Category);
        Assert.Contains("(status 200, request id req_7)", error.ToString(), StringComparison.Ordinal);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }
}
