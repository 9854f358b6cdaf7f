using System.Buffers;
using System.Security.Cryptography;

namespace Meshia;

/// <summary>
/// Follows the connections through the file from its beginning, has fetched again what the disk did not keep, and computes
/// the SHA-256 of what really lies there.
/// </summary>
internal sealed class DownloadVerifier(Artifact artifact, PartialDownload partial, ArtifactStorage storage)
{
    internal const int MostDamages = 3;

    /// <summary>The disk works while the line does, so that little is left to wait for at the end.</summary>
    private const int ChunksPerFlush = 8;

    /// <returns>The SHA-256 of the whole file.</returns>
    /// <exception cref="IOException">The disk fails.</exception>
    public async Task<string> HashAsync(CancellationToken cancellationToken)
    {
        var map = partial.Map;
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent((int)Math.Min(ChunkMap.ChunkSize, map.Length ?? ChunkMap.ChunkSize));
        var flush = Task.CompletedTask;
        try
        {
            for (var index = 0; await map.WhenDoneAsync(index, cancellationToken).ConfigureAwait(false) is { } chunk;)
            {
                var count = partial.File.Read(buffer, chunk.Written, chunk.Offset);
                if (count != chunk.Written || ChunkMap.DigestOf(buffer, count) != chunk.Digest)
                {
                    // Before the part is given to a connection again: nobody is to fetch it once more for nothing.
                    if (chunk.Damages == MostDamages)
                        throw new IOException($"The disk does not keep the bytes that are written to '{partial.File.Path}' at byte {chunk.Offset}.");
                    storage.Tell(ClientMessageLevel.Warning, $"'{partial.File.Path}' is damaged at byte {chunk.Offset}; this part of {artifact.Id} is downloaded again.");
                    map.Damaged(chunk);
                    continue;
                }

                hash.AppendData(buffer, 0, count);
                index++;
                if (index % ChunksPerFlush != 0 || !flush.IsCompleted)
                    continue;
                await flush.ConfigureAwait(false);
                flush = Task.Run(partial.File.Flush, CancellationToken.None);
            }

            // A disk says only once that it failed.
            await flush.ConfigureAwait(false);
            map.Verified();
            return FileHash.Hex(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            // The file must not be closed under it.
            await Task.WhenAny(flush).ConfigureAwait(false);
        }
    }
}
