using System.Buffers;
using System.Security.Cryptography;

namespace Meshia;

/// <summary>SHA-256 of files.</summary>
internal static class FileHash
{
    private const int BufferSize = 1024 * 1024;

    /// <summary>Bytes as lower-case hexadecimal digits.</summary>
    public static string Hex(byte[] bytes) => BitConverter.ToString(bytes).Replace("-", "").ToLowerInvariant();

    /// <summary>Hashes a regular file; a pipe in its place is refused, and does not hang.</summary>
    /// <exception cref="FileInUseException">Another process has it open for itself.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    public static Task<string> ComputeAsync(string path, CancellationToken cancellationToken) => Task.Run(() => Compute(path, cancellationToken), cancellationToken);

    private static string Compute(string path, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = OwnFile.Open(path, FileAccess.Read, FileShare.Read);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            int count;
            while ((count = file.Read(buffer, 0, buffer.Length)) > 0)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, count);
            }

            return Hex(hash.GetHashAndReset());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
