using System.IO.Compression;
using System.Net.Http.Headers;
using System.Text;

namespace Meshia;

/// <summary>
/// Makes plain UTF-8 of an answer that is compressed although that was not requested, or that is in another encoding. What
/// limits the length of an answer stands before it, and counts the bytes that come out.
/// </summary>
internal sealed class DecodingHandler : DelegatingHandler
{
    private const int ZlibHeader = 2;

    [AsyncMethodBuilder(typeof(PrecompiledTask<>))]
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var response = await base.SendAsync(request, cancellationToken).ConfigureAwait(false);
        if (request.Method == HttpMethod.Head)
            return response;
        // Several stand in the order in which they were applied.
        foreach (var encoding in response.Content.Headers.ContentEncoding.Reverse().ToArray())
            await DecompressAsync(response, encoding).ConfigureAwait(false);
        if (response.Content.Headers.ContentType is { CharSet: { Length: > 0 } name } && Find(name.Trim('"')) is { } other and not (UTF8Encoding or ASCIIEncoding))
            await TranscodeAsync(response, other).ConfigureAwait(false);
        return response;
    }

    private static async Task DecompressAsync(HttpResponseMessage response, string encoding)
    {
        var content = response.Content;
        switch (encoding.ToUpperInvariant())
        {
            case "GZIP" or "X-GZIP":
                Replace(response, new GZipStream(await content.ReadAsStreamAsync().ConfigureAwait(false), CompressionMode.Decompress));
                break;
#if NET
            case "BR":
                Replace(response, new BrotliStream(await content.ReadAsStreamAsync().ConfigureAwait(false), CompressionMode.Decompress));
                break;
#endif
            case "DEFLATE":
                // With the header of zlib, as the standard says, or without, as some servers do.
                var body = await ReadAllAsync(response).ConfigureAwait(false);
                var start = body.Length >= ZlibHeader && (body[0] & 0x0F) == 8 && ((body[0] << 8) + body[1]) % 31 == 0 ? ZlibHeader : 0;
                Replace(response, new DeflateStream(new MemoryStream(body, start, body.Length - start), CompressionMode.Decompress));
                break;
            case "IDENTITY":
                break;
            default:
                var message = $"The answer is encoded as '{DisplayText.Clean(encoding)}', which this version of PowerShell cannot read.";
                using (response)
                    throw new HttpRequestException(message, new NotSupportedException(message));
        }
    }

    /// <summary>JSON is UTF-8; what says that it is something else is believed.</summary>
    private static async Task TranscodeAsync(HttpResponseMessage response, Encoding encoding)
    {
        var type = response.Content.Headers.ContentType!;
        var body = await ReadAllAsync(response).ConfigureAwait(false);
        var mark = encoding.GetPreamble();
        var start = mark.Length > 0 && body.AsSpan().StartsWith(mark) ? mark.Length : 0;
        Replace(response, new MemoryStream(Encoding.Convert(encoding, Encoding.UTF8, body, start, body.Length - start)));
        response.Content.Headers.ContentType = new MediaTypeHeaderValue(type.MediaType!) { CharSet = "utf-8" };
    }

    private static Encoding? Find(string name)
    {
        try
        {
#if NET
            return CodePagesEncodingProvider.Instance.GetEncoding(name) ?? Encoding.GetEncoding(name);
#else
            return Encoding.GetEncoding(name);
#endif
        }
        catch (Exception failure) when (failure is ArgumentException or NotSupportedException)
        {
            // A name that this machine does not know: the body is read as what it looks like.
            return null;
        }
    }

    private static async Task<byte[]> ReadAllAsync(HttpResponseMessage response)
    {
        using var body = await response.Content.ReadAsStreamAsync().ConfigureAwait(false);
        using var copy = new MemoryStream();
        var buffer = new byte[81920];
        for (int count; (count = await body.ReadAsync(buffer, 0, buffer.Length).ConfigureAwait(false)) > 0;)
        {
            copy.Write(buffer, 0, count);
            if (copy.Length > BufferHandler.LongestAnswer)
            {
                response.Dispose();
                throw new AnswerTooLongException(BufferHandler.LongestAnswer);
            }
        }

        return copy.ToArray();
    }

    private static void Replace(HttpResponseMessage response, Stream body)
    {
        var content = new StreamContent(body);
        foreach (var header in response.Content.Headers.Where(header => header.Key is not ("Content-Encoding" or "Content-Length")))
            content.Headers.TryAddWithoutValidation(header.Key, header.Value);
        response.Content = content;
    }
}
