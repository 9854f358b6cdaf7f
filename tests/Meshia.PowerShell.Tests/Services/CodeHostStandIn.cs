using System.Globalization;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Meshia.PowerShell.Tests;

/// <summary>A comment that the stand-in keeps.</summary>
internal sealed record KeptComment(long Id, string Author, string Body);

/// <summary>What the stand-in does with the next POST of a comment.</summary>
internal enum PostFault
{
    /// <summary>The connection breaks before anything is done.</summary>
    LostRequest,

    /// <summary>The comment is there, and the connection breaks before the answer.</summary>
    LostAnswer,

    /// <summary>The comment is there, and a proxy answers 502.</summary>
    BadGateway,

    /// <summary>Another run writes a comment with the same marker first.</summary>
    Race,
}

/// <summary>
/// The comments of one pull request as GitHub and as Azure DevOps serve them, over HTTP on loopback, with their limits, their
/// pages and their ways to say whose token it is. It shares no code with the module.
/// </summary>
internal sealed class CodeHostStandIn : IAsyncDisposable
{
    public const string GitHubToken = "ghs_Zq81LoopbackTokenOfTheRun77";
    public const string PersonalToken = "ghp_Mv20LoopbackTokenOfSomebody";
    public const string AzureToken = "eyJLoopbackTokenOfTheAgent.5531";
    public const string Foreign = "mallory";
    private const string AzureId = "6f0d0c62-0f4c-4c1c-9e5e-2f1f4f3f2f11";
    private const string Threads = "/org/My%20Project/_apis/git/repositories/repo-id/pullRequests/7/threads";

    private readonly List<KeptComment> _comments = [];
    private readonly Queue<PostFault> _faults = new();
    private ScriptedService? _service;
    private long _nextId = 1000;

    /// <summary>What is on the pull request, the oldest first.</summary>
    public IReadOnlyList<KeptComment> Comments
    {
        get
        {
            lock (_comments)
                return [.. _comments.OrderBy(comment => comment.Id)];
        }
    }

    public IReadOnlyList<SeenRequest> Requests => _service!.Requests;

    public Uri Origin => _service!.Origin;

    public static async Task<CodeHostStandIn> StartAsync()
    {
        var host = new CodeHostStandIn();
        host._service = await ScriptedService.StartAsync(host.AnswerAsync);
        return host;
    }

    /// <summary>Comments of others, more than a page of them.</summary>
    public void AddForeign(int count)
    {
        lock (_comments)
        {
            for (var number = 0; number < count; number++)
                _comments.Add(new(100 + number, Foreign, $"Remark {number}"));
        }
    }

    public ValueTask DisposeAsync() => _service!.DisposeAsync();

    private async Task AnswerAsync(SeenRequest request, HttpContext context)
    {
        // A test changes what happens next from the script itself.
        if (request.Path.StartsWith("/fault/", StringComparison.Ordinal))
        {
            _faults.Enqueue(Enum.Parse<PostFault>(request.Path[7..]));
            return;
        }

        if (request.Path == "/steal")
        {
            Steal();
            return;
        }

        // Another name of this machine is another host.
        if (request.Path.StartsWith("/away/", StringComparison.Ordinal))
        {
            await new Reply(302).With("Location", $"http://localhost:{Origin.Port}/stolen").SendAsync(context.Response);
            return;
        }

        var token = request.Headers.GetValueOrDefault("Authorization", "").Replace("Bearer ", "", StringComparison.Ordinal);
        var author = token switch { GitHubToken => "github-actions[bot]", PersonalToken => "octocat", AzureToken => AzureId, _ => null };
        if (author is null)
        {
            await Reply.Error(401, "Unauthorized", $"Bad credentials: {token}").SendAsync(context.Response);
            return;
        }

        if (request.Method == "POST" && request.Path != "/graphql" && _faults.TryDequeue(out var fault) && await FailAsync(fault, request, author, context))
            return;
        await Answer(request, author, token).SendAsync(context.Response);
    }

    private async Task<bool> FailAsync(PostFault fault, SeenRequest request, string author, HttpContext context)
    {
        if (fault != PostFault.LostRequest)
            Add(author, request);
        switch (fault)
        {
            case PostFault.Race:
                return false;
            case PostFault.BadGateway:
                await new Reply(502, "<html><title>Bad gateway</title></html>", "text/html").SendAsync(context.Response);
                return true;
            default:
                context.Abort();
                return true;
        }
    }

    private Reply Answer(SeenRequest request, string author, string token)
    {
        var isAzure = token == AzureToken;
        return $"{request.Method} {request.Path}" switch
        {
            "GET /user" when token == GitHubToken => Reply.Error(403, "forbidden", "Resource not accessible by integration"),
            "GET /user" => Reply.Ok($$"""{"login":"{{author}}","id":1}"""),
            "POST /graphql" => Reply.Ok($$$$"""{"data":{"viewer":{"login":"{{{{author}}}}"}}}"""),
            "GET /repos/own/er/issues/7/comments" => Page(request.Query),
            "POST /repos/own/er/issues/7/comments" when Body(request).Length > 65536 => Reply.Error(422, "validation", "body is too long (maximum is 65536 characters)"),
            "POST /repos/own/er/issues/7/comments" => new Reply(201, GitHub(Add(author, request)).ToJsonString()),
            "GET /org/_apis/connectionData" => Reply.Ok($$$"""{"authenticatedUser":{"id":"{{{AzureId.ToUpperInvariant()}}}"}}"""),
            $"GET {Threads}" when isAzure => Reply.Ok(new JsonObject { ["count"] = Comments.Count, ["value"] = new JsonArray([.. Comments.Select(Azure)]) }.ToJsonString()),
            $"POST {Threads}" when isAzure && Body(request).Length > 150_000 => Reply.Error(400, "too_long"),
            $"POST {Threads}" when isAzure => Reply.Ok(Azure(Add(author, request)).ToJsonString()),
            var other => Change(other, request, isAzure),
        };
    }

    /// <summary>PATCH and DELETE of one comment.</summary>
    private Reply Change(string endpoint, SeenRequest request, bool isAzure)
    {
        var prefix = isAzure ? $"{request.Method} {Threads}/" : $"{request.Method} /repos/own/er/issues/comments/";
        if (!endpoint.StartsWith(prefix, StringComparison.Ordinal) || !long.TryParse(endpoint[prefix.Length..].Replace("/comments/1", "", StringComparison.Ordinal), NumberStyles.None, CultureInfo.InvariantCulture, out var id))
            return Reply.Error(404, "not_found");
        lock (_comments)
        {
            var index = _comments.FindIndex(comment => comment.Id == id);
            if (index < 0)
                return Reply.Error(404, "not_found");
            if (request.Method == "DELETE")
            {
                _comments.RemoveAt(index);
                return new Reply(204);
            }

            _comments[index] = _comments[index] with { Body = Body(request) };
            return Reply.Ok((isAzure ? Azure(_comments[index]) : GitHub(_comments[index])).ToJsonString());
        }
    }

    /// <summary>Somebody copies every comment, marker and all, under a name of their own and with an older id.</summary>
    private void Steal()
    {
        lock (_comments)
        {
            foreach (var comment in _comments.Where(comment => comment.Author != Foreign).ToList())
                _comments.Add(new(comment.Id - 500, Foreign, comment.Body));
        }
    }

    private KeptComment Add(string author, SeenRequest request)
    {
        lock (_comments)
        {
            var comment = new KeptComment(_nextId++, author, Body(request));
            _comments.Add(comment);
            return comment;
        }
    }

    private Reply Page(string query)
    {
        var values = query.TrimStart('?').Split('&').Select(part => part.Split('=')).ToDictionary(part => part[0], part => int.Parse(part[1], CultureInfo.InvariantCulture));
        var (size, page) = (Math.Min(values["per_page"], 100), values["page"]);
        var all = Comments;
        var reply = Reply.Ok(new JsonArray([.. all.Skip((page - 1) * size).Take(size).Select(GitHub)]).ToJsonString());
        return all.Count > page * size ? reply.With("Link", $"<{Origin}repositories/1/issues/7/comments>; rel=\"last\", <{Origin}repos/own/er/issues/7/comments?per_page={size}&page={page + 1}>; rel=\"next\"") : reply;
    }

    private static string Body(SeenRequest request)
    {
        var json = JsonNode.Parse(request.Body)!;
        return (string)(json["body"] ?? json["content"] ?? json["comments"]![0]!["content"])!;
    }

    private static JsonNode GitHub(KeptComment comment) => new JsonObject
    {
        ["id"] = comment.Id,
        ["html_url"] = $"https://github.com/own/er/pull/7#issuecomment-{comment.Id}",
        ["body"] = comment.Body,
        ["user"] = new JsonObject { ["login"] = comment.Author },
    };

    private static JsonNode Azure(KeptComment comment) => new JsonObject
    {
        ["id"] = comment.Id,
        ["comments"] = new JsonArray(new JsonObject { ["id"] = 1, ["content"] = comment.Body, ["author"] = new JsonObject { ["id"] = comment.Author } }),
    };
}
