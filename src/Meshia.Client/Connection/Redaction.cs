using System.Text;
using System.Text.Json;

namespace Meshia;

/// <summary>Takes a secret out of a text, in each form in which a service or a proxy may repeat it.</summary>
internal static class Redaction
{
    /// <param name="text">The text.</param>
    /// <param name="secret">What must not be in it.</param>
    /// <param name="substitute">What stands there instead.</param>
    public static string Remove(string text, string secret, string substitute)
    {
        foreach (var form in new[] { secret, JsonEncodedText.Encode(secret).ToString(), Uri.EscapeDataString(secret), Convert.ToBase64String(Encoding.UTF8.GetBytes(secret)) })
            text = text.Replace(form, substitute);
        return text;
    }
}
