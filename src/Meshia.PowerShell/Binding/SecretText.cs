using System.Net;
using System.Security;

namespace Meshia.PowerShell;

/// <summary>Between a SecureString and the text that the wire needs in the end.</summary>
internal static class SecretText
{
    public static string Reveal(SecureString secret) => new NetworkCredential("", secret).Password;

    public static SecureString Protect(string text)
    {
        var secret = new SecureString();
        foreach (var character in text)
            secret.AppendChar(character);
        secret.MakeReadOnly();
        return secret;
    }
}
