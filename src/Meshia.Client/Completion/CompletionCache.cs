using System.Collections.Concurrent;

namespace Meshia;

/// <summary>
/// What the service said a moment ago, for a prompt that suggests values. A new question is one request, which everybody
/// who asks the same meanwhile shares; its answer serves for a short while, or until this account changes something. The
/// request is not repeated, ends in time, and is not sent where the minute's requests run low: work comes first. Nothing
/// here ever fails: no answer is an empty one.
/// </summary>
internal sealed class CompletionCache
{
    /// <summary>Requests that are left to work.</summary>
    private const int Spared = 10;

    /// <summary>The maximum number of suggestions.</summary>
    private const int MostItems = 200;

    private static readonly TimeSpan _lifetime = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _memory = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan _longestRequest = TimeSpan.FromSeconds(10);

    /// <summary>A completion sends at most one request, without messages.</summary>
    private static readonly CallOptions _once = new() { MaxRetries = 0, FirstPageOnly = true, Timeout = _longestRequest, Observer = static _ => { } };

    private readonly ConcurrentDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private readonly MeshiaClient _client;
    private readonly TimeProvider _clock;

    /// <summary>Answers to the account of a client; they count against the same limit.</summary>
    public CompletionCache(MeshiaClient client)
    {
        _client = client;
        _clock = client.Transport.Options.TimeProvider;
    }

    /// <summary>The account's newest sessions.</summary>
    public Task<IReadOnlyList<Session>> GetSessionsAsync() => AskAsync("sessions", cancellationToken => _client.GetSessionsAsync(call: _once, cancellationToken: cancellationToken));

    /// <summary>The experiments of a session.</summary>
    public Task<IReadOnlyList<Experiment>> GetExperimentsAsync(string sessionId) => AskAsync($"sessions/{sessionId}", cancellationToken => _client.GetExperimentsAsync(sessionId, _once, cancellationToken));

    /// <summary>One experiment with all that it holds, or none.</summary>
    public Task<IReadOnlyList<Experiment>> GetExperimentAsync(string id) => AskAsync($"experiments/{id}", cancellationToken => One(_client.GetExperimentAsync(id, _once, cancellationToken)));

    /// <summary>The files of an experiment.</summary>
    public Task<IReadOnlyList<Artifact>> GetArtifactsAsync(string experimentId) => AskAsync($"artifacts/{experimentId}", cancellationToken => _client.GetArtifactsAsync(experimentId, _once, cancellationToken));

    /// <summary>The account's webhooks.</summary>
    public Task<IReadOnlyList<Webhook>> GetWebhooksAsync() => AskAsync("webhooks", cancellationToken => _client.GetWebhooksAsync(_once, cancellationToken));

    /// <summary>What is remembered of the last minutes, the newest answers first, without a request.</summary>
    /// <typeparam name="T">The kind of object.</typeparam>
    public IReadOnlyList<T> Recall<T>() =>
    [
        .. _entries.Values
            .Where(entry => entry.Answer.IsCompleted && _clock.GetElapsedTime(entry.AskedAt) < _memory)
            .OrderByDescending(entry => entry.AskedAt)
            .SelectMany(entry => entry.Answer is Task<IReadOnlyList<T>> answer ? answer.Result : []),
    ];

    private static async IAsyncEnumerable<T> One<T>(Task<T> item)
    {
        yield return await item.ConfigureAwait(false);
    }

    private Task<IReadOnlyList<T>> AskAsync<T>(string question, Func<CancellationToken, IAsyncEnumerable<T>> ask)
    {
        foreach (var old in _entries.Where(pair => _clock.GetElapsedTime(pair.Value.AskedAt) >= _memory).ToList())
            _entries.TryRemove(old.Key, out _);
        lock (_entries)
        {
            if (_entries.TryGetValue(question, out var known) && known.Changes == _client.Transport.Service.Changes && (!known.Answer.IsCompleted || _clock.GetElapsedTime(known.AskedAt) < _lifetime))
                return (Task<IReadOnlyList<T>>)known.Answer;
            if (_client.RequestsLeft < Spared)
                return Task.FromResult<IReadOnlyList<T>>([]);
            // Away from the prompt's thread, which waits for a moment only.
            var answer = Task.Run(() => ReadAsync(question, ask));
            _entries[question] = new(answer, _clock.GetTimestamp(), _client.Transport.Service.Changes);
            return answer;
        }
    }

    private async Task<IReadOnlyList<T>> ReadAsync<T>(string question, Func<CancellationToken, IAsyncEnumerable<T>> ask)
    {
        using var patience = _clock.CancelAfter(_longestRequest);
        var items = new List<T>();
        try
        {
            await foreach (var item in ask(patience.Token).ConfigureAwait(false))
            {
                items.Add(item);
                if (items.Count == MostItems)
                    break;
            }
        }
        catch (Exception)
        {
            // Completion shows no errors, and the next request may succeed.
            lock (_entries)
                _entries.TryRemove(question, out _);
            return [];
        }

        return items;
    }

    private sealed record Entry(Task Answer, long AskedAt, int Changes);
}
