using System.Text;
using System.Text.RegularExpressions;
using Meshia.Sandbox.Connection;
using Meshia.Sandbox.Faults;
using Meshia.Sandbox.Time;
using Microsoft.Extensions.Primitives;
using Microsoft.Net.Http.Headers;

namespace Meshia.Sandbox.Journal;

/// <summary>Writes down every request to the API and the storage, with its answer.</summary>
/// <remarks>An answer without a length ends on the wire only after this: a caller that has read it finds it in the journal.</remarks>
internal sealed partial class JournalMiddleware(RequestDelegate next, RequestJournal journal, Origins origins, SandboxClock clock)
{
    private const string Redacted = "(redacted)";

    public async Task InvokeAsync(HttpContext context)
    {
        var isStorage = origins.IsStorage(context);
        if (!isStorage && !context.Request.Path.StartsWithSegments(Origins.ApiPath))
        {
            await next(context);
            return;
        }

        var at = clock.Now;
        var request = context.Request;
        var (wire, sent) = (context.Response.Body, request.Body);
        var received = new BodyRecord(sent);
        using var answered = isStorage ? null : new BodyRecord(wire);
        request.Body = received;
        if (answered is not null)
            context.Response.Body = answered;
        try
        {
            await next(context);
        }
        finally
        {
            (context.Response.Body, request.Body) = (wire, sent);
            Write(context, at, isStorage, received, answered);
            if (context.IsCut())
                context.Abort();
        }
    }

    private void Write(HttpContext context, DateTimeOffset at, bool isStorage, BodyRecord received, BodyRecord? answered)
    {
        var (request, response) = (context.Request, context.Response);
        request.Path.StartsWithSegments(Origins.ApiPath, out var path);
        var isCut = !response.HasStarted && (context.IsCut() || context.RequestAborted.IsCancellationRequested);
        journal.Add(number => new JournalEntry
        {
            Number = number,
            RequestId = response.Headers[RequestId.Header].ToString(),
            At = at,
            Part = isStorage ? "storage" : "api",
            Method = request.Method,
            Path = isStorage ? request.Path.ToString() : path.ToString(),
            Query = request.QueryString.ToString(),
            Headers = request.Headers.ToDictionary(header => header.Key, Show),
            Body = Secret.Replace(received.Text, $"$1\"{Redacted}\""),
            Status = isCut ? null : response.StatusCode,
            ResponseHeaders = isCut ? new Dictionary<string, string>() : response.Headers.ToDictionary(header => header.Key, header => header.Value.ToString()),
            ResponseBody = answered?.Text ?? "",
            IsTruncated = received.IsTruncated || answered is { IsTruncated: true },
            Fault = context.Features.Get<FaultNames>() is { } names ? string.Join(", ", names.Names) : null,
        });
    }

    private static string Show(KeyValuePair<string, StringValues> header) =>
        header.Key.Equals(HeaderNames.Authorization, StringComparison.OrdinalIgnoreCase)
            ? $"{header.Value.ToString().Split(' ')[0]} {Redacted}"
            : header.Value.ToString();

    [GeneratedRegex("""("secret"\s*:\s*)"(?:[^"\\]|\\.)*"?""")]
    private static partial Regex Secret { get; }
}

/// <summary>A stream that keeps the beginning of what passes through it.</summary>
internal sealed class BodyRecord(Stream inner) : Stream
{
    private const int MaxBytes = 1024 * 1024;

    private readonly MemoryStream _kept = new();

    public string Text => Encoding.UTF8.GetString(_kept.GetBuffer(), 0, (int)_kept.Length);

    public bool IsTruncated { get; private set; }

    public override bool CanRead => inner.CanRead;

    public override bool CanSeek => false;

    public override bool CanWrite => inner.CanWrite;

    public override long Length => inner.Length;

    public override long Position
    {
        get => inner.Position;
        set => throw new NotSupportedException();
    }

    public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
    {
        var read = await inner.ReadAsync(buffer, cancellationToken);
        Keep(buffer.Span[..read]);
        return read;
    }

    public override Task<int> ReadAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        ReadAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        await inner.WriteAsync(buffer, cancellationToken);
        Keep(buffer.Span);
    }

    public override Task WriteAsync(byte[] buffer, int offset, int count, CancellationToken cancellationToken) =>
        WriteAsync(buffer.AsMemory(offset, count), cancellationToken).AsTask();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    public override void Flush()
    {
    }

    public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    private void Keep(ReadOnlySpan<byte> bytes)
    {
        var room = MaxBytes - (int)_kept.Length;
        IsTruncated |= bytes.Length > room;
        _kept.Write(bytes[..Math.Min(room, bytes.Length)]);
    }
}
