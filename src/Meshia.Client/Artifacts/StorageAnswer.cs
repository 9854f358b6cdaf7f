using System.IO.Compression;
using System.Net;
using System.Net.Http.Headers;

namespace Meshia;

/// <summary>What a storage host gives: all of a file or a part of it, and perhaps compressed although that was not requested.</summary>
internal sealed class StorageAnswer
{
    /// <summary>What Amazon S3 keeps of the way in which an object was uploaded; its bytes are plain.</summary>
    private const string UploadEncoding = "aws-chunked";

    private static readonly string[] _decoded =
    [
        "gzip", "x-gzip", "deflate",
#if NET
        "br",
#endif
    ];

    private readonly HttpResponseMessage _response;

    public StorageAnswer(HttpResponseMessage response, Artifact artifact)
    {
        _response = response;
        var headers = response.Content.Headers;
        // Some proxies and storages answer with a part and say 200.
        var range = headers.ContentRange is { From: { } first, To: { } last } given
            && (response.StatusCode == HttpStatusCode.PartialContent || headers.ContentLength is not { } length || length == last - first + 1) ? given : null;
        IsPart = range is not null || response.StatusCode == HttpStatusCode.PartialContent;
        Position = IsPart ? range?.From ?? long.MaxValue : 0;
        Total = IsPart ? range?.Length : headers.ContentLength;
        var encodings = headers.ContentEncoding.Where(name => !IsPlain(name)).ToArray();
        if (encodings.Length == 0)
            return;
        // As many bytes as announced are the file itself: an archive that its storage calls encoded, for example.
        IsCalledEncoded = Total is not null && Total == artifact.SizeBytes;
        Encoding = IsCalledEncoded ? null : string.Join(", ", encodings);
        if (Encoding is not null && !IsPart)
            Total = null;
    }

    /// <summary>Whether it is a part of the file.</summary>
    public bool IsPart { get; }

    /// <summary>Where in the file it begins.</summary>
    public long Position { get; }

    /// <summary>How long the whole file is, as far as the answer says it.</summary>
    public long? Total { get; }

    /// <summary>How its bytes are compressed; null if they are the file's own.</summary>
    public string? Encoding { get; }

    /// <summary>Whether it names an encoding, but its bytes are as many as announced.</summary>
    public bool IsCalledEncoded { get; }

    /// <summary>Whether its compression can be undone.</summary>
    public bool IsReadable => Encoding is null || _decoded.Contains(Encoding, StringComparer.OrdinalIgnoreCase);

    /// <summary>Which version of the file it is of.</summary>
    public EntityTagHeaderValue? EntityTag => _response.Headers.ETag;

    /// <summary>Whether the host gives parts when it is asked for them.</summary>
    public bool GivesParts => IsPart || _response.Headers.AcceptRanges.Contains("bytes");

    /// <summary>The media type of a web page, if it is one.</summary>
    public string? PageType => _response.Content.Headers.ContentType?.MediaType is { } type && IsPage(type) ? type : null;

    public static bool IsPage(string type) =>
        type.StartsWith("text/html", StringComparison.OrdinalIgnoreCase) || type.StartsWith("application/xhtml+xml", StringComparison.OrdinalIgnoreCase);

    /// <summary>Its bytes, which are those of the file.</summary>
    public async Task<Stream> ReadAsync()
    {
        var body = await _response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        return Encoding?.ToLowerInvariant() switch
        {
            null => body,
#if NET
            "br" => new BrotliStream(body, CompressionMode.Decompress),
            "deflate" => new ZLibStream(body, CompressionMode.Decompress),
#else
            "deflate" => new DeflateStream(PastZlibHeader(body), CompressionMode.Decompress),
#endif
            _ => new GZipStream(body, CompressionMode.Decompress),
        };
    }

    private static bool IsPlain(string encoding) =>
        encoding.Length == 0 || string.Equals(encoding, "identity", StringComparison.OrdinalIgnoreCase) || string.Equals(encoding, UploadEncoding, StringComparison.OrdinalIgnoreCase);

#if !NET
    /// <summary>"deflate" has the two bytes of zlib in front, which .NET Framework does not know.</summary>
    private static Stream PastZlibHeader(Stream body)
    {
        _ = body.ReadByte();
        _ = body.ReadByte();
        return body;
    }
#endif
}
