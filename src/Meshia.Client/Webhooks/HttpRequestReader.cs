using System.Globalization;
using System.Text;

namespace Meshia;

/// <summary>
/// Reads HTTP/1.1 requests from one connection, as strictly as RFC 9112 allows: a request that could be read in two ways is
/// refused. Memory is bounded by the two limits.
/// </summary>
/// <remarks>
/// Of the servers at hand, HttpListener has no limit for headers or slow senders outside Windows and wants administrator's
/// rights there, and PowerShell does not come with Kestrel.
/// </remarks>
internal sealed class HttpRequestReader(Stream stream, int maxHeaderBytes, int maxBodyBytes, Action<bool>? begun = null)
{
    private const int LongestChunkLine = 256;
    private const int FirstBodySize = 4096;
    private const string TokenCharacters = "!#$%&'*+-.^_`|~";

    private static readonly byte[] _continue = Encoding.ASCII.GetBytes("HTTP/1.1 100 Continue\r\n\r\n");

    private readonly byte[] _buffer = new byte[Math.Max(maxHeaderBytes, 4096)];
    private int _start;
    private int _end;

    /// <summary>Whether anything of the request has come.</summary>
    public bool HasBegun
    {
        get;
        private set
        {
            field = value;
            begun?.Invoke(value);
        }
    }

    /// <summary>Reads request line and headers; null if the connection ended before any.</summary>
    /// <exception cref="BadHttpRequestException">It is no request that can be served.</exception>
    /// <exception cref="EndOfStreamException">It is cut off.</exception>
    public async Task<HttpRequestHead?> ReadHeadAsync(CancellationToken cancellationToken)
    {
        HasBegun = _end > _start;
        string? line;
        do
        {
            // An empty line before a request is put up with (RFC 9112, 2.2).
            line = await ReadLineAsync(maxHeaderBytes, 431, isFirst: true, cancellationToken).ConfigureAwait(false);
        }
        while (line?.Length == 0);
        if (line is null)
            return null;

        var parts = line.Split(' ');
        if (parts.Length != 3 || !IsToken(parts[0]) || !parts[2].StartsWith("HTTP/", StringComparison.Ordinal))
            throw Bad("The request line is not valid HTTP.");
        if (parts[2] is not ("HTTP/1.1" or "HTTP/1.0"))
            throw new BadHttpRequestException(505, "http_version_not_supported", "Use HTTP/1.1.");
        var path = PathOf(parts[1]) ?? throw Bad("The request target is not valid.");

        var headers = new Dictionary<string, List<string>>(StringComparer.OrdinalIgnoreCase);
        var room = maxHeaderBytes - line.Length;
        while (await ReadLineAsync(room, 431, isFirst: false, cancellationToken).ConfigureAwait(false) is { Length: > 0 } header)
        {
            room -= header.Length + 2;
            var colon = header.IndexOf(':');
            // A folded line begins with a space, which is no name.
            if (colon < 1 || !IsToken(header.Substring(0, colon)))
                throw Bad("A header is not valid HTTP.");
            var name = header.Substring(0, colon);
            if (!headers.TryGetValue(name, out var values))
                headers[name] = values = [];
            values.Add(header.Substring(colon + 1).Trim(' ', '\t'));
        }

        var isCurrent = parts[2] == "HTTP/1.1";
        if (isCurrent && (!headers.TryGetValue("Host", out var hosts) || hosts.Count != 1))
            throw Bad("A request must have one Host header.");
        return new HttpRequestHead(parts[0], path, headers)
        {
            ContentLength = LengthOf(headers, parts[0]),
            ExpectsContinue = isCurrent && Has(headers, "Expect", "100-continue"),
            KeepsAlive = isCurrent && !Has(headers, "Connection", "close"),
        };
    }

    /// <summary>Reads the body of the request whose head was read.</summary>
    /// <exception cref="BadHttpRequestException">It is too long, or its chunks are not valid.</exception>
    /// <exception cref="EndOfStreamException">It is cut off.</exception>
    public async Task<byte[]> ReadBodyAsync(HttpRequestHead request, CancellationToken cancellationToken)
    {
        if (request.ContentLength > maxBodyBytes)
            throw TooLong();
        if (request.ExpectsContinue)
            await stream.WriteAsync(_continue, 0, _continue.Length, cancellationToken).ConfigureAwait(false);
        if (request.ContentLength is { } length)
        {
            var body = new byte[length];
            await FillAsync(body, 0, body.Length, cancellationToken).ConfigureAwait(false);
            return body;
        }

        return await ReadChunksAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<byte[]> ReadChunksAsync(CancellationToken cancellationToken)
    {
        var body = new byte[Math.Min(maxBodyBytes, FirstBodySize)];
        var length = 0;
        while (true)
        {
            var line = await ReadLineAsync(LongestChunkLine, 400, isFirst: false, cancellationToken).ConfigureAwait(false);
            var digits = line!.Split(';')[0].TrimEnd(' ', '\t');
            if (digits.Length is 0 or > 8 || !int.TryParse(digits, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var size) || size < 0)
                throw Bad("The size of a chunk is not valid.");
            if (size == 0)
                break;
            if (size > maxBodyBytes - length)
                throw TooLong();
            // Doubled, so that a body in tiny chunks is not copied with each of them.
            if (length + size > body.Length)
                Array.Resize(ref body, Math.Min(maxBodyBytes, Math.Max(length + size, 2 * body.Length)));
            await FillAsync(body, length, size, cancellationToken).ConfigureAwait(false);
            length += size;
            if (await ReadLineAsync(2, 400, isFirst: false, cancellationToken).ConfigureAwait(false) is not "")
                throw Bad("A chunk is longer than its size.");
        }

        // What trails the chunks is of no use here.
        for (var room = maxHeaderBytes; await ReadLineAsync(room, 431, isFirst: false, cancellationToken).ConfigureAwait(false) is { Length: > 0 } trailer;)
            room -= trailer.Length + 2;
        Array.Resize(ref body, length);
        return body;
    }

    /// <summary>Reads a line; null at the end of the connection, if it may end here.</summary>
    private async Task<string?> ReadLineAsync(int longest, int tooLongStatus, bool isFirst, CancellationToken cancellationToken)
    {
        for (var seen = 0; ;)
        {
            var end = Array.IndexOf(_buffer, (byte)'\n', _start + seen, _end - _start - seen);
            if (end >= 0 && end - _start <= longest + 1)
            {
                if (end == _start || _buffer[end - 1] != '\r')
                    throw Bad("A line does not end with CR LF.");
                for (var i = _start; i < end - 1; i++)
                {
                    if (_buffer[i] is < (byte)' ' and not (byte)'\t' or 0x7F)
                        throw Bad("A line contains a control character.");
                }

                // Header values are Latin-1 at most (RFC 9110, 5.5); whether they are right is for others to say.
                var line = Encoding.GetEncoding("ISO-8859-1").GetString(_buffer, _start, end - 1 - _start);
                _start = end + 1;
                return line;
            }

            seen = _end - _start;
            if (seen > longest || seen == _buffer.Length)
                throw new BadHttpRequestException(tooLongStatus, tooLongStatus == 431 ? "headers_too_long" : "bad_request", "A line or the headers are too long.");
            if (await FillBufferAsync(cancellationToken).ConfigureAwait(false))
                continue;
            return isFirst && seen == 0 ? null : throw new EndOfStreamException();
        }
    }

    private async Task FillAsync(byte[] target, int offset, int count, CancellationToken cancellationToken)
    {
        var buffered = Math.Min(count, _end - _start);
        Buffer.BlockCopy(_buffer, _start, target, offset, buffered);
        _start += buffered;
        for (var done = buffered; done < count;)
        {
            var read = await stream.ReadAsync(target, offset + done, count - done, cancellationToken).ConfigureAwait(false);
            done += read > 0 ? read : throw new EndOfStreamException();
        }
    }

    private async Task<bool> FillBufferAsync(CancellationToken cancellationToken)
    {
        Buffer.BlockCopy(_buffer, _start, _buffer, 0, _end - _start);
        (_start, _end) = (0, _end - _start);
        var read = await stream.ReadAsync(_buffer, _end, _buffer.Length - _end, cancellationToken).ConfigureAwait(false);
        _end += read;
        HasBegun |= read > 0;
        return read > 0;
    }

    private static long? LengthOf(Dictionary<string, List<string>> headers, string method)
    {
        var isChunked = headers.TryGetValue("Transfer-Encoding", out var encodings);
        if (headers.TryGetValue("Content-Length", out var lengths))
        {
            if (isChunked)
                throw Bad("A body must have either a length or chunks.");
            return lengths.Count == 1 && lengths[0].Length is > 0 and <= 18 && lengths[0].All(digit => digit is >= '0' and <= '9')
                ? long.Parse(lengths[0], CultureInfo.InvariantCulture)
                : throw Bad("The Content-Length is not valid.");
        }

        if (!isChunked)
            return method == "POST" ? throw new BadHttpRequestException(411, "length_required", "The Content-Length is missing.") : 0;
        return encodings!.Count == 1 && encodings[0].Equals("chunked", StringComparison.OrdinalIgnoreCase)
            ? null
            : throw new BadHttpRequestException(501, "not_implemented", "The only supported transfer coding is chunked.");
    }

    private static string? PathOf(string target)
    {
        if (!target.StartsWith("/", StringComparison.Ordinal))
            return Uri.TryCreate(target, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" ? uri!.AbsolutePath : null;
        return target.Split('?')[0];
    }

    private static bool Has(Dictionary<string, List<string>> headers, string name, string word) =>
        headers.TryGetValue(name, out var values) && values.Any(value => value.Split(',').Any(part => part.Trim().Equals(word, StringComparison.OrdinalIgnoreCase)));

    private static bool IsToken(string text) => text.All(character =>
        character is (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or (>= '0' and <= '9') || TokenCharacters.IndexOf(character) >= 0);

    private static BadHttpRequestException Bad(string message) => new(400, "bad_request", message);

    private BadHttpRequestException TooLong() => new(413, "body_too_long", $"A body can have at most {maxBodyBytes.ToString(CultureInfo.InvariantCulture)} bytes.");
}
