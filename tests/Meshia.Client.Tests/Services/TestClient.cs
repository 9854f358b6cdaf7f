using System.Collections.Concurrent;

namespace Meshia.Client.Tests;

internal static class TestClient
{
    /// <summary>A key that no other test has: the rate limit is kept by key.</summary>
    public static string NewKey() => $"msh_test_{Guid.NewGuid():N}";

    public static MeshiaClient For(Uri baseUri, TestClock? clock = null, string? key = null, int maxRetries = 5, int requestsPerMinute = 100_000, Action<ClientMessage>? observer = null) =>
        new(new ApiKey(key ?? NewKey()), new()
        {
            BaseUri = baseUri,
            TimeProvider = clock ?? new TestClock(),
            RequestTimeout = TestClock.RequestTimeout,
            TotalTimeout = TestClock.TotalTimeout,
            MaxRetries = maxRetries,
            RequestsPerMinute = requestsPerMinute,
            Observer = observer,
        });

    public static MeshiaClient Client(this ScriptedService service, TestClock? clock = null, string? key = null) => For(service.BaseUri, clock, key);

    public static MeshiaClient Client(this RawService service, TestClock? clock = null, string? key = null) => For(service.BaseUri, clock, key);

    /// <summary>A client, with everything that it says.</summary>
    public static (MeshiaClient Client, ConcurrentQueue<ClientMessage> Messages) HeardFor(Uri baseUri, TestClock? clock = null, string? key = null, int maxRetries = 5, int requestsPerMinute = 100_000)
    {
        var messages = new ConcurrentQueue<ClientMessage>();
        return (For(baseUri, clock, key, maxRetries, requestsPerMinute, messages.Enqueue), messages);
    }

    public static (MeshiaClient Client, ConcurrentQueue<ClientMessage> Messages) HeardClient(this ScriptedService service, TestClock? clock = null, string? key = null) => HeardFor(service.BaseUri, clock, key);

    public static (MeshiaClient Client, ConcurrentQueue<ClientMessage> Messages) HeardClient(this RawService service, TestClock? clock = null, string? key = null) => HeardFor(service.BaseUri, clock, key);

    public static IEnumerable<string> Warnings(this IEnumerable<ClientMessage> messages) =>
        messages.Where(message => message.Level == ClientMessageLevel.Warning).Select(message => message.Text);

    public static async Task<List<T>> AllAsync<T>(this IAsyncEnumerable<T> items)
    {
        var all = new List<T>();
        await foreach (var item in items)
            all.Add(item);
        return all;
    }

    public static Task<MeshiaException> FailsAsync(Func<Task> call) => Assert.ThrowsAsync<MeshiaException>(call);

    /// <summary>Waits for what another thread is about to do; only a broken test waits long.</summary>
    public static async Task UntilAsync(Func<bool> condition)
    {
        using var tooLong = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        tooLong.CancelAfter(TimeSpan.FromSeconds(30));
        while (!condition())
            await Task.Delay(1, tooLong.Token);
    }
}
