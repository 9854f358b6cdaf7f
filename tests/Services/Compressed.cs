using System.IO.Compression;

namespace Meshia.Tests;

/// <summary>Bodies as a service compresses them.</summary>
internal static class Compressed
{
    /// <param name="plain">The body.</param>
    /// <param name="encodings">What <c>Content-Encoding</c> says, in its order; another name leaves the body as it is.</param>
    public static byte[] With(byte[] plain, string encodings)
    {
        foreach (var encoding in encodings.Split(", "))
        {
            using var output = new MemoryStream();
            using (var stream = encoding switch
            {
                "gzip" or "x-gzip" => new GZipStream(output, CompressionLevel.Fastest),
                "br" => new BrotliStream(output, CompressionLevel.Fastest),
                "deflate" => new ZLibStream(output, CompressionLevel.Fastest),
                "deflate without a header" => new DeflateStream(output, CompressionLevel.Fastest),
                _ => (Stream)new BufferedStream(output),
            })
                stream.Write(plain);
            plain = output.ToArray();
        }

        return plain;
    }
}
