using System.Collections.Concurrent;
using System.Globalization;

namespace Meshia.Client.Tests;

/// <summary>An account of a service that creates what it is asked for and then loses the answer.</summary>
internal sealed class ForgetfulAccount : IAsyncDisposable
{
    private readonly RawService _service;
    private readonly ConcurrentQueue<(string Id, string Json)> _sessions = new();
    private readonly ConcurrentQueue<string> _webhooks = new();
    private readonly string _name = Guid.NewGuid().ToString("N")[..8];
    private int _posts;
    private int _lists;

    public ForgetfulAccount() => _service = new(ServeAsync);

    public TestClock Clock { get; } = new();

    /// <summary>What comes in place of an answer; an ordinary answer where it is empty.</summary>
    public required string Answer { get; set; }

    /// <summary>Which POST is accepted (and answered, if it is not the first).</summary>
    public int AcceptsAt { get; init; } = 1;

    /// <summary>How many times the list is empty.</summary>
    public int HidesFromLists { get; init; }

    public TimeSpan IsAhead { get; init; }

    /// <summary>Whether its answers say what time it is.</summary>
    public bool SendsDate { get; init; } = true;

    public IReadOnlyList<(string Id, string Json)> Sessions => [.. _sessions];

    public IReadOnlyList<string> Requests => _service.Requests;

    private DateTimeOffset Now => Clock.GetUtcNow() + IsAhead;

    public MeshiaClient Client() => _service.Client(Clock);

    public (MeshiaClient Client, ConcurrentQueue<ClientMessage> Messages) HeardClient() => _service.HeardClient(Clock);

    public ValueTask DisposeAsync() => _service.DisposeAsync();

    public void Add(string id, string name, string gpu, string? repo, TimeSpan? age)
    {
        // To the second, as many services write it.
        var time = age is { } ago ? FormattableString.Invariant($"\"{Now + ago:yyyy-MM-ddTHH:mm:ssZ}\"") : "null";
        _sessions.Enqueue((id, $$"""{"id":"{{id}}","name":"{{name}}","gpu":"{{gpu}}","repo":{{(repo is null ? "null" : $"\"{repo}\"")}},"created_at":{{time}}}"""));
    }

    private async Task ServeAsync(RawConnection connection)
    {
        while (true)
        {
            var request = await connection.ReadRequestAsync();
            var isSessions = request.Contains("/sessions ", StringComparison.Ordinal);
            if (request.StartsWith("GET", StringComparison.Ordinal))
            {
                if (_sessions.FirstOrDefault(session => request.StartsWith($"GET /api/v1/sessions/{session.Id} ", StringComparison.Ordinal)) is { Json: { } json })
                {
                    await connection.AnswerAsync(json);
                    continue;
                }

                var isHidden = Interlocked.Increment(ref _lists) <= HidesFromLists;
                var items = isHidden ? [] : isSessions ? _sessions.Select(session => session.Json) : _webhooks;
                await connection.AnswerAsync($"[{string.Join(',', items)}]", headers: SendsDate ? $"Date: {Now.ToString("R", CultureInfo.InvariantCulture)}\r\n" : "");
                continue;
            }

            var post = Interlocked.Increment(ref _posts);
            var id = $"{(isSessions ? "sess" : "wh")}_{_name}_{post}";
            if (post >= AcceptsAt)
                Accept(request, isSessions, id);
            if (Answer.Length == 0 || (AcceptsAt > 1 && post >= AcceptsAt))
            {
                await connection.AnswerAsync($$"""{"id":"{{id}}"}""", 201);
                continue;
            }

            await LoseAsync(connection, id);
            return;
        }
    }

    private void Accept(string request, bool isSessions, string id)
    {
        var body = System.Text.Json.JsonDocument.Parse(request[request.IndexOf('{', StringComparison.Ordinal)..]).RootElement;
        if (isSessions)
            Add(id, body.GetProperty("name").GetString()!, body.GetProperty("gpu").GetString()!, body.TryGetProperty("repo", out var repo) ? repo.GetString() : null, TimeSpan.Zero);
        else
            _webhooks.Enqueue($$"""{"id":"{{id}}","url":"https://your-server.com","events":["session.started","plan.completed"],"created_at":"{{Now.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture)}}"}""");
    }

    private async Task LoseAsync(RawConnection connection, string id)
    {
        switch (Answer)
        {
            case "reset":
                connection.Reset();
                break;
            case "close":
                break;
            case "silence":
                Clock.Advance(TestClock.RequestTimeout);
                await connection.StaySilentAsync();
                break;
            default:
                await connection.SendAsync(Answer.Replace("{id}", id, StringComparison.Ordinal).Replace("{origin}", _service.Origin.AbsoluteUri.TrimEnd('/'), StringComparison.Ordinal));
                break;
        }
    }
}
