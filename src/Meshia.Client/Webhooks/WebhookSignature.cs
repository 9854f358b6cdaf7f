using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;

namespace Meshia;

/// <summary>
/// The signature of a delivery, as documented: <c>sha256=</c> and the lower-case hex HMAC-SHA256 of the raw body under
/// the webhook's secret.
/// </summary>
public static class WebhookSignature
{
    /// <summary>The header that carries it.</summary>
    public const string Header = "X-Meshia-Signature";

    private const string Prefix = "sha256=";
    private const int HashLength = 32;

    /// <summary>Signs a body.</summary>
    /// <param name="body">The bytes as they are sent.</param>
    /// <param name="secret">The webhook's secret.</param>
    public static string Sign(byte[] body, string secret) =>
        Prefix + BitConverter.ToString(Hash(body, secret)).Replace("-", "").ToLowerInvariant();

    /// <summary>Whether a signature is right. The time that it takes does not depend on where it is wrong. It never throws.</summary>
    /// <param name="body">The bytes exactly as received.</param>
    /// <param name="signature">The header's value; anything that is no signature is a wrong one.</param>
    /// <param name="secrets">The secret of the webhook; while it is being replaced, the old and the new one.</param>
    public static bool IsValid(byte[]? body, string? signature, IEnumerable<string>? secrets)
    {
        if (body is null || secrets is null || Parse(signature) is not { } given)
            return false;
        var isValid = false;
        foreach (var secret in secrets)
        {
            // An empty secret is no secret.
            if (!string.IsNullOrEmpty(secret))
                isValid |= AreEqual(Hash(body, secret), given);
        }

        return isValid;
    }

    private static byte[] Hash(byte[] body, string secret)
    {
        using var hmac = new HMACSHA256(Encoding.UTF8.GetBytes(secret));
        return hmac.ComputeHash(body);
    }

    private static byte[]? Parse(string? signature)
    {
        if (signature is null || signature.Length != Prefix.Length + (2 * HashLength) || !signature.StartsWith(Prefix, StringComparison.Ordinal))
            return null;
        var hash = new byte[HashLength];
        for (var i = 0; i < hash.Length; i++)
        {
            var (high, low) = (Digit(signature[Prefix.Length + (2 * i)]), Digit(signature[Prefix.Length + (2 * i) + 1]));
            if (high < 0 || low < 0)
                return null;
            hash[i] = (byte)((high << 4) | low);
        }

        return hash;
    }

    private static int Digit(char character) => character switch
    {
        >= '0' and <= '9' => character - '0',
        >= 'a' and <= 'f' => character - 'a' + 10,
        _ => -1,
    };

    // CryptographicOperations.FixedTimeEquals is not in .NET Framework.
    [MethodImpl(MethodImplOptions.NoInlining | MethodImplOptions.NoOptimization)]
    private static bool AreEqual(byte[] left, byte[] right)
    {
        var difference = left.Length ^ right.Length;
        for (var i = 0; i < left.Length && i < right.Length; i++)
            difference |= left[i] ^ right[i];
        return difference == 0;
    }
}

/// <summary>A delivery whose signature is missing or wrong: it may come from anyone.</summary>
public sealed class WebhookSignatureException : Exception
{
    internal WebhookSignatureException(bool isMissing)
        : base(isMissing
            ? $"The delivery has no {WebhookSignature.Header}: it does not come from Meshia, or the webhook has no secret."
            : $"The delivery's {WebhookSignature.Header} does not match any of the secrets: it does not come from Meshia, or the secret is wrong, or the body is not exactly as it was received.")
    {
    }
}
