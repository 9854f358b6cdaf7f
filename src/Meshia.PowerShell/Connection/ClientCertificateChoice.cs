using System.Security.Cryptography.X509Certificates;

namespace Meshia.PowerShell;

/// <summary>The client certificate of a connection that Connect-Meshia names none for: the profile's, else the environment's.</summary>
internal static class ClientCertificateChoice
{
    public const string PathVariable = "MESHIA_CLIENT_CERTIFICATE";

    /// <summary>The file that the environment names, or null.</summary>
    public static string? PathFromEnvironment => Environment.GetEnvironmentVariable(PathVariable) is { Length: > 0 } path ? path : null;

    /// <summary>The password of a file that Connect-Meshia was not given one for, or null.</summary>
    public static string? PasswordFromEnvironment => Environment.GetEnvironmentVariable(ClientCertificateFile.PasswordVariable);

    /// <summary>Reads the certificate for a service.</summary>
    /// <param name="service">The address; one without TLS is shown no certificate.</param>
    /// <param name="profile">The profile in use, or null.</param>
    /// <returns>Null if neither names one.</returns>
    /// <exception cref="IOException">The profile's cannot be used.</exception>
    /// <exception cref="ArgumentException">The environment's cannot be used.</exception>
    public static X509Certificate2? Find(Uri service, ConnectionProfile? profile)
    {
        if (!service.IsAbsoluteUri || service.Scheme != Uri.UriSchemeHttps)
            return null;
        if (profile?.CertificatePath is not { } path)
            return PathFromEnvironment is { } named ? ClientCertificateFile.Read(named, PasswordFromEnvironment, $"The environment variable {PathVariable}") : null;
        try
        {
            return ClientCertificateFile.Read(path, PasswordFromEnvironment, $"Profile '{profile.Name}'");
        }
        catch (ArgumentException failure)
        {
            throw new IOException(failure.Sentence(), failure);
        }
    }
}
