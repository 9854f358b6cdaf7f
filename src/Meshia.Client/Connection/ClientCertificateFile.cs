using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Meshia;

/// <summary>Reads a client certificate with its private key from a PFX file or, except on .NET Framework, a PEM file.</summary>
internal static class ClientCertificateFile
{
    /// <summary>The environment variable with the password of the file, wherever its path comes from.</summary>
    public const string PasswordVariable = "MESHIA_CLIENT_CERTIFICATE_PASSWORD";

    private const int LongestFile = 1024 * 1024;

    /// <summary>Reads a certificate that can be used now.</summary>
    /// <param name="path">The file.</param>
    /// <param name="password">Its password, or null.</param>
    /// <param name="source">What names the file, for errors: a parameter, a variable or a profile.</param>
    /// <exception cref="ArgumentException">The file cannot be read, or its certificate cannot be used.</exception>
    public static X509Certificate2 Read(string path, string? password, string source)
    {
        if (!Path.IsPathRooted(path))
            throw new ArgumentException($"{source} must have the absolute path of a client certificate. It has '{path}'.");
        if (!string.IsNullOrEmpty(password))
            KnownSecrets.Add(password!);
        var bytes = ReadBytes(path, source);
        var text = Encoding.UTF8.GetString(bytes);
        X509Certificate2 certificate;
        try
        {
            certificate = text.Contains("-----BEGIN ") ? FromPem(text, password) : Import(bytes, password);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            var advice = string.IsNullOrEmpty(password)
                ? $"If it has a password, use -CertificatePassword or the environment variable {PasswordVariable}."
                : $"The password of -CertificatePassword or {PasswordVariable} may be wrong.";
            throw new ArgumentException($"{source}: the client certificate '{path}' cannot be opened. Valid files: a PFX file, or a PEM file with a certificate and its private key. {advice} ({failure.Message})", failure);
        }

        Check(certificate, $"{source}, '{path}'", DateTimeOffset.UtcNow);
        return certificate;
    }

    /// <summary>Makes sure that a certificate can be used now.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="source">Where it comes from, for errors.</param>
    /// <param name="now">The time.</param>
    /// <exception cref="ArgumentException">It has no private key, or is not valid now.</exception>
    public static void Check(X509Certificate2 certificate, string source, DateTimeOffset now)
    {
        bool hasKey;
        try
        {
            hasKey = certificate.HasPrivateKey;
        }
        catch (CryptographicException failure)
        {
            throw new ArgumentException($"{source}: the client certificate cannot be used; it may be disposed. ({failure.Message})", failure);
        }

        if (!hasKey)
            throw new ArgumentException($"{source}: the client certificate {certificate.Subject} has no private key. Use a file that has both.");
        if (certificate.NotAfter.ToUniversalTime() < now.UtcDateTime)
            throw new ArgumentException($"{source}: the client certificate {certificate.Subject} expired on {certificate.NotAfter.ToUniversalTime():u}.");
        if (certificate.NotBefore.ToUniversalTime() > now.UtcDateTime)
            throw new ArgumentException($"{source}: the client certificate {certificate.Subject} is valid only from {certificate.NotBefore.ToUniversalTime():u}.");
    }

    /// <summary>Opens what <c>X509Certificate2.Export</c> wrote, or a PFX file.</summary>
    /// <param name="bytes">The file's content.</param>
    /// <param name="password">Its password, or null.</param>
    /// <exception cref="CryptographicException">It cannot be opened.</exception>
    public static X509Certificate2 Import(byte[] bytes, string? password) =>
        // Exportable: the guard process needs it too.
        new(bytes, password, X509KeyStorageFlags.Exportable);

#if NET
    private static X509Certificate2 FromPem(string text, string? password)
    {
        if (!text.Contains("PRIVATE KEY-----"))
            return X509Certificate2.CreateFromPem(text);
        using var certificate = text.Contains("-----BEGIN ENCRYPTED PRIVATE KEY-----")
            ? X509Certificate2.CreateFromEncryptedPem(text, text, password)
            : X509Certificate2.CreateFromPem(text, text);
        // Windows uses no key that is only in memory.
        return Import(certificate.Export(X509ContentType.Pkcs12), null);
    }
#else
    private static X509Certificate2 FromPem(string text, string? password) =>
        throw new ArgumentException("Windows PowerShell reads no PEM file. Use a PFX file: openssl pkcs12 -export");
#endif

    private static byte[] ReadBytes(string path, string source)
    {
        try
        {
#if NET
            // A mounted secret is often a link; a pipe would never end.
            var target = new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path;
#else
            var target = path;
#endif
            using var file = OwnFile.Open(target, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (file.Length > LongestFile)
                throw new ArgumentException($"{source}: '{path}' is too long for a client certificate.");
            using var bytes = new MemoryStream();
            file.CopyTo(bytes);
            return bytes.ToArray();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            throw new ArgumentException($"{source}: the client certificate '{path}' cannot be read. {failure.Message}", failure);
        }
    }
}
