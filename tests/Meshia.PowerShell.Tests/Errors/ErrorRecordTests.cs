using System.Management.Automation;
using System.Net;
using System.Net.Sockets;

namespace Meshia.PowerShell.Tests;

/// <summary>What a script can tell an error by (id, category, target), and what a person reads in it.</summary>
[Trait("Culture", "Dependent")]
public sealed class ErrorRecordTests
{
    [Theory]
    [InlineData(400, "bad_request", ErrorCategory.InvalidArgument)]
    [InlineData(402, "forbidden", ErrorCategory.PermissionDenied)]
    [InlineData(403, "forbidden", ErrorCategory.PermissionDenied)]
    [InlineData(404, "not_found", ErrorCategory.ObjectNotFound)]
    [InlineData(409, "conflict", ErrorCategory.ResourceExists)]
    [InlineData(422, "http_422", ErrorCategory.InvalidArgument)]
    [InlineData(429, "rate_limited", ErrorCategory.LimitsExceeded)]
    [InlineData(500, "server_error", ErrorCategory.ResourceUnavailable)]
    [InlineData(502, "server_error", ErrorCategory.ResourceUnavailable)]
    [InlineData(503, "server_error", ErrorCategory.ResourceUnavailable)]
    [InlineData(504, "server_error", ErrorCategory.ResourceUnavailable)]
    public async Task A_status_gives_its_category_and_the_code_is_the_services_or_a_fixed_one(int status, string fallback, ErrorCategory category)
    {
        await using var service = await ScriptedService.StartAsync(
            Reply.Error(status, "some_code", "The reason.").With("X-Request-Id", "req_1"),
            new Reply(status, "<html><title>Proxy</title></html>", "text/html").With("X-Request-Id", "req_2"));
        using var session = Connected(service.BaseUri);

        var told = session.Invoke("Get-MeshiaSession sess_1").Error;
        var untold = session.Invoke("Get-MeshiaSession sess_1").Error;

        Assert.Equal("some_code,Meshia.PowerShell.GetMeshiaSession", told.FullyQualifiedErrorId);
        Assert.Equal($"The reason. (status {status}, code some_code, request id req_1)", told.ToString());
        Assert.Equal($"{fallback},Meshia.PowerShell.GetMeshiaSession", untold.FullyQualifiedErrorId);
        Assert.Contains($"titled 'Proxy'", untold.ToString(), StringComparison.Ordinal);
        Assert.Contains($"(status {status}, code {fallback}, request id req_2)", untold.ToString(), StringComparison.Ordinal);
        Each.Of([told, untold], error =>
        {
            Assert.Equal(category, error.CategoryInfo.Category);
            Assert.Equal("sess_1", error.TargetObject);
            Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
            Assert.Equal("Meshia.MeshiaException", error.Exception.GetType().FullName);
        });
    }

    [Fact]
    public void A_service_that_is_not_there_is_a_connection_error()
    {
        using var session = Connected(new Uri($"http://127.0.0.1:{ClosedPort()}/api/v1"));

        var error = session.Invoke("Get-MeshiaSession sess_1").Error;

        AssertError(error, "unreachable", ErrorCategory.ConnectionError);
        Assert.Contains("127.0.0.1", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_service_that_says_nothing_is_a_timeout()
    {
        await using var service = new RawService(connection => connection.StaySilentAsync());
        using var session = Connected(service.BaseUri, "-RequestTimeoutSeconds 1");

        AssertError(session.Invoke("Get-MeshiaSession sess_1").Error, "timed_out", ErrorCategory.OperationTimeout);
    }

    [Fact]
    public async Task A_creation_whose_outcome_cannot_be_found_out_says_so()
    {
        await using var service = await ScriptedService.StartAsync(request => request.Method == "POST" ? Reply.Error(500, "internal") : Reply.Ok("""{"sessions":[]}"""));
        using var session = Connected(service.BaseUri);

        var error = session.Invoke("New-MeshiaSession llama rtx4090").Error;

        Assert.Equal("outcome_unknown,Meshia.PowerShell.NewMeshiaSession", error.FullyQualifiedErrorId);
        Assert.Equal((ErrorCategory.InvalidResult, "llama"), (error.CategoryInfo.Category, error.TargetObject));
        Assert.Contains("List the sessions with Get-MeshiaSession", error.ErrorDetails.RecommendedAction, StringComparison.Ordinal);
        Assert.Single(service.Requests, request => request.Method == "POST");
    }

    [Theory]
    [InlineData("Continue")]
    [InlineData("SilentlyContinue")]
    [InlineData("Ignore")]
    [InlineData("Stop")]
    public async Task A_key_that_is_refused_ends_everything_at_the_first_request(string errorAction)
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(401, "invalid_api_key", "Invalid API key.").With("X-Request-Id", "req_9"));
        using var session = new ModuleSession();
        const string Key = "msh_0123456789abcdef";
        session.Connect(service.BaseUri, Key);

        var result = session.Invoke($"'a', 'b', 'c' | Get-MeshiaSession -ErrorAction {errorAction}; 'next statement'");

        Assert.Single(service.Requests);
        Assert.DoesNotContain(result.Output, item => item.BaseObject is not string);
        var error = result.Terminating is null ? Assert.Single(result.Errors) : result.Error;
        AssertError(error, "invalid_api_key", ErrorCategory.AuthenticationError, target: "a");
        Assert.Equal("Invalid API key. (status 401, code invalid_api_key, request id req_9) The key was msh_…cdef, given to Connect-Meshia.", error.ToString());
        Assert.DoesNotContain(Key, error.ToString() + error.Exception + error.ErrorDetails, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_is_refused_is_an_error_that_a_script_can_catch()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(401, "invalid_api_key"));
        using var session = Connected(service.BaseUri);

        var caught = session.Output("try { Get-MeshiaSession -ErrorAction SilentlyContinue } catch [Meshia.MeshiaException] { $_.Exception.Code }");

        Assert.Equal("invalid_api_key", caught[0].ToString());
    }

    [Fact]
    public async Task A_key_that_is_refused_in_the_middle_of_a_pipeline_ends_what_is_upstream()
    {
        await using var service = await ScriptedService.StartAsync(request => request.Method == "GET"
            ? Reply.Ok("""{"sessions":[{"id":"a"},{"id":"b"},{"id":"c"}]}""")
            : Reply.Error(401, "invalid_api_key"));
        using var session = Connected(service.BaseUri);

        session.Invoke("Get-MeshiaSession | Stop-MeshiaSession");

        Assert.Equal(["GET /sessions", "POST /sessions/a/stop"], service.Requests.Select(request => request.Endpoint));
    }

    [Fact]
    public async Task A_refusal_by_the_storage_does_not_mention_the_key()
    {
        await using var service = await ScriptedService.StartAsync((request, context) => (request.Path.Contains("/download", StringComparison.Ordinal)
            ? Reply.Ok($$"""{"url":"http://{{context.Request.Host}}/files/x"}""")
            : new Reply(401)).SendAsync(context.Response));
        using var session = Connected(service.BaseUri);
        var folder = Directory.CreateTempSubdirectory("meshia-storage-");

        var result = session.Invoke("Save-MeshiaArtifact art_1, art_2 -Destination $folder", ("folder", folder.FullName));

        Assert.Equal(["art_1", "art_2"], result.Errors.Select(error => error.TargetObject));
        Each.Of(result.Errors, error =>
        {
            Assert.Equal("download_refused,Meshia.PowerShell.SaveMeshiaArtifact", error.FullyQualifiedErrorId);
            Assert.Equal(ErrorCategory.PermissionDenied, error.CategoryInfo.Category);
            Assert.DoesNotContain("key", error.ToString(), StringComparison.Ordinal);
        });
        Assert.Empty(folder.EnumerateFileSystemInfos("*", SearchOption.AllDirectories).OfType<FileInfo>());
        folder.Delete(recursive: true);
    }

    [Fact]
    public async Task On_a_terminal_an_error_is_a_sentence_and_what_to_do()
    {
        await using var service = await ScriptedService.StartAsync(Reply.Error(404, "session_not_found", "No session with id sess_1 exists.").With("X-Request-Id", "req_5"));
        using var session = Connected(service.BaseUri);

        var shown = session.Shown("$ErrorView = 'ConciseView'; Get-MeshiaSession sess_1");

        Assert.Equal(
            """
            Get-MeshiaSession: No session with id sess_1 exists. (status 404, code session_not_found, request id req_5)
              Recommendation: Check the id, and that it belongs to this account.
            """,
            string.Join('\n', shown.ReplaceLineEndings("\n").Split('\n').Where(line => !string.IsNullOrWhiteSpace(line)).Select(line => line.TrimEnd())));
    }

    private static ModuleSession Connected(Uri baseUri, string options = "")
    {
        var session = new ModuleSession();
        session.Output($"Connect-Meshia -ApiKey $key -BaseUri $uri -MaximumRetryCount 0 {options}", ("key", ModuleSession.NewKey()), ("uri", baseUri));
        return session;
    }

    private static void AssertError(ErrorRecord error, string id, ErrorCategory category, string target = "sess_1")
    {
        Assert.Equal($"{id},Meshia.PowerShell.GetMeshiaSession", error.FullyQualifiedErrorId);
        Assert.Equal(category, error.CategoryInfo.Category);
        Assert.Equal(target, error.TargetObject);
        Assert.NotEmpty(error.ErrorDetails.RecommendedAction);
    }

    private static int ClosedPort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
