using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace Meshia.Client.Tests;

/// <summary>How a storage host behaves for one request; by itself it behaves well.</summary>
internal sealed record Behaviour
{
    /// <summary>What it holds instead.</summary>
    public byte[]? Bytes { get; init; }

    public string? ETag { get; init; } = "\"one\"";

    /// <summary>Refuses with this status.</summary>
    public int Status { get; init; }

    public string? RetryAfter { get; init; }

    /// <summary>Sends the client on.</summary>
    public string? Location { get; init; }

    public bool IgnoresRanges { get; init; }

    /// <summary>Says that it gives ranges although nobody asked for one.</summary>
    public bool SaysAcceptRanges { get; init; }

    /// <summary>Says nowhere how long the file is.</summary>
    public bool HidesLength { get; init; }

    /// <summary>Answers a request for a part with status 200 and a Content-Range.</summary>
    public bool HasStatus200ForParts { get; init; }

    public string? ContentType { get; init; }

    /// <summary>The name in Content-Encoding; the bytes are sent as they are.</summary>
    public string? Encoding { get; init; }

    /// <summary>Answers with another part than the one that was asked for.</summary>
    public long Shift { get; init; }

    /// <summary>Breaks the connection after so many bytes.</summary>
    public long CutAfter { get; init; } = long.MaxValue;

    /// <summary>Waits for this before it breaks the connection: a reset overtakes what was sent before it.</summary>
    public Func<Task> BeforeCut { get; init; } = () => Task.Delay(TimeSpan.FromMilliseconds(10));

    /// <summary>Falls silent after so many bytes.</summary>
    public long StallAfter { get; init; } = long.MaxValue;

    /// <summary>Waits for this before it sends the body.</summary>
    public Task? Before { get; init; }
}

/// <summary>A request for the file.</summary>
/// <param name="Number">From 1.</param>
/// <param name="From">The first byte asked for.</param>
/// <param name="To">The last one, where the request says it.</param>
/// <param name="Active">How many requests are being answered, this one included.</param>
/// <param name="Seen">The whole request.</param>
internal sealed record FileRequest(int Number, long From, long? To, int Active, SeenRequest Seen);

/// <summary>An API that gives signed addresses, and a storage host of another origin that misbehaves as told.</summary>
internal sealed class NastyStorage : IAsyncDisposable
{
    private readonly byte[] _bytes;
    private readonly Func<FileRequest, Behaviour> _behave;
    private readonly ConcurrentQueue<FileRequest> _requests = new();
    private long _sent;
    private int _numbers;
    private int _addresses;
    private int _active;

    private NastyStorage(byte[] bytes, Func<FileRequest, Behaviour> behave) => (_bytes, _behave) = (bytes, behave);

    public required ScriptedService Api { get; init; }

    public required ScriptedService Files { get; init; }

    public IReadOnlyList<FileRequest> Requests => [.. _requests];

    /// <summary>How many bytes of files left it.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <summary>When an address ends, where the API is to say so.</summary>
    public DateTimeOffset? ExpiresAt { get; set; }

    /// <summary>The artifact as a list shows it.</summary>
    public required Artifact Artifact { get; init; }

    public static async Task<NastyStorage> StartAsync(byte[] bytes, Func<FileRequest, Behaviour>? behave = null, byte[]? announced = null, bool hasHash = true, bool hasSize = true)
    {
        NastyStorage? storage = null;
        var files = await ScriptedService.StartAsync((request, context) => storage!.AnswerAsync(request, context));
        var api = await ScriptedService.StartAsync(_ => storage!.Address());
        var promised = announced ?? bytes;
        return storage = new(bytes, behave ?? (_ => new()))
        {
            Api = api,
            Files = files,
            Artifact = new()
            {
                Id = "art_1",
                ExperimentId = "exp_1",
                Name = "model.bin",
                SizeBytes = hasSize ? promised.Length : null,
                Sha256 = hasHash ? Convert.ToHexStringLower(SHA256.HashData(promised)) : null,
            },
        };
    }

    public static byte[] MakeBytes(int count, int seed = 1)
    {
        var bytes = new byte[count];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    public async ValueTask DisposeAsync()
    {
        await Api.DisposeAsync();
        await Files.DisposeAsync();
    }

    private Reply Address()
    {
        var expiry = ExpiresAt is { } time ? $",\"expires_at\":\"{time:O}\"" : "";
        return Reply.Ok($$"""{"url":"{{Files.Origin}}file?signature=canary{{Interlocked.Increment(ref _addresses)}}"{{expiry}}}""");
    }

    private async Task AnswerAsync(SeenRequest seen, HttpContext context)
    {
        var active = Interlocked.Increment(ref _active);
        try
        {
            await AnswerAsync(seen, context, active);
        }
        finally
        {
            Interlocked.Decrement(ref _active);
        }
    }

    private async Task AnswerAsync(SeenRequest seen, HttpContext context, int active)
    {
        var range = seen.Headers.TryGetValue("Range", out var header) ? header["bytes=".Length..].Split('-') : null;
        var asked = new FileRequest(
            Interlocked.Increment(ref _numbers),
            range is null ? 0 : long.Parse(range[0], CultureInfo.InvariantCulture),
            range is [_, { Length: > 0 } last] ? long.Parse(last, CultureInfo.InvariantCulture) : null,
            active,
            seen);
        _requests.Enqueue(asked);
        var behaviour = _behave(asked);
        var response = context.Response;
        if (behaviour.RetryAfter is { } wait)
            response.Headers.RetryAfter = wait;
        if (behaviour.Location is { } location)
            response.Headers.Location = location;
        if (behaviour.Status != 0 || seen.Headers.ContainsKey("Authorization"))
        {
            response.StatusCode = behaviour.Status == 0 ? 400 : behaviour.Status;
            return;
        }

        var content = behaviour.Bytes ?? _bytes;
        var (from, to) = (0L, content.Length - 1L);
        var isSame = !seen.Headers.TryGetValue("If-Range", out var known) || known == behaviour.ETag;
        if (range is not null && isSame && !behaviour.IgnoresRanges)
        {
            (from, to) = (asked.From + behaviour.Shift, Math.Min(asked.To ?? to, to));
            response.StatusCode = behaviour.HasStatus200ForParts ? 200 : 206;
            response.Headers.ContentRange = $"bytes {from}-{to}/{content.Length}";
        }

        if (behaviour.ETag is { } tag)
            response.Headers.ETag = tag;
        if (behaviour.ContentType is { } type)
            response.ContentType = type;
        if (behaviour.Encoding is { } encoding)
            response.Headers.ContentEncoding = encoding;
        if (behaviour.SaysAcceptRanges)
            response.Headers.AcceptRanges = "bytes";
        var count = to - from + 1;
        if (!behaviour.HidesLength)
            response.ContentLength = count;
        if (behaviour.Before is { } before)
        {
            await response.StartAsync(context.RequestAborted);
            await response.Body.FlushAsync(context.RequestAborted);
            await before.WaitAsync(context.RequestAborted);
        }

        var end = from + Math.Min(count, Math.Min(behaviour.CutAfter, behaviour.StallAfter));
        for (var position = from; position < end;)
        {
            var size = (int)Math.Min(64 * 1024, end - position);
            await response.Body.WriteAsync(content.AsMemory((int)position, size), context.RequestAborted);
            position += size;
            Interlocked.Add(ref _sent, size);
        }

        if (end == from + count)
            return;
        await response.Body.FlushAsync(context.RequestAborted);
        if (behaviour.StallAfter < behaviour.CutAfter)
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        await behaviour.BeforeCut();
        context.Abort();
    }
}
