using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Meshia;

/// <summary>
/// The secrets that this process has used: API keys and webhook secrets. A service or a proxy may repeat what it was sent,
/// anywhere, so they are removed from every text that is shown, whichever call it belongs to.
/// </summary>
internal static class KnownSecrets
{
    /// <summary>A shorter one stands in ordinary text by chance.</summary>
    private const int ShortestSecret = 4;

    /// <summary>A process that uses more secrets one after the other forgets the oldest.</summary>
    private const int MostSecrets = 256;

    private const string Hidden = "…";

    /// <summary>Anything that looks like an API key: it may be the key of another process or account.</summary>
    private static readonly Regex _keyLike = new("msh_[A-Za-z0-9_-]{12,}", RegexOptions.CultureInvariant | RegexOptions.IgnoreCase);

    /// <summary>The user name and password of an address, as in <c>http://user:password@host</c>.</summary>
    private static readonly Regex _userInformation = new(@"://[^/?#\s]*@", RegexOptions.CultureInvariant);

    private static readonly ConcurrentDictionary<string, Secret> _secrets = new(StringComparer.Ordinal);
    private static readonly ConcurrentQueue<string> _order = new();

    /// <summary>Remembers a secret.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="substitute">What to show in its place.</param>
    public static void Add(string secret, string substitute = Hidden)
    {
        if (secret.Length < ShortestSecret || !_secrets.TryAdd(secret, new(secret, substitute)))
            return;
        _order.Enqueue(secret);
        if (_secrets.Count > MostSecrets && _order.TryDequeue(out var oldest))
            _secrets.TryRemove(oldest, out _);
    }

    /// <summary>Removes every secret, and user name and password of every address, from a text.</summary>
    /// <param name="text">The text.</param>
    public static string Remove(string text)
    {
        foreach (var pair in _secrets)
            text = pair.Value.RemoveFrom(text);
        if (text.IndexOf("msh_", StringComparison.OrdinalIgnoreCase) >= 0)
            text = _keyLike.Replace(text, $"msh_{Hidden}");
        if (text.IndexOf('@') >= 0)
            text = _userInformation.Replace(text, $"://{Hidden}@");
        return text;
    }

    /// <summary>Removes the API keys of this process from a value of an answer: a service that repeats a key must not bring it into an object.</summary>
    /// <param name="text">The value.</param>
    /// <returns>The same text if it has no key, which takes no time.</returns>
    public static string RemoveKeys(string text)
    {
        if (text.IndexOf(ApiKey.Prefix, StringComparison.Ordinal) < 0)
            return text;
        foreach (var pair in _secrets)
        {
            if (pair.Key.StartsWith(ApiKey.Prefix, StringComparison.Ordinal))
                text = pair.Value.RemoveFrom(text);
        }

        return text;
    }

    /// <summary>A secret in each form in which it may be repeated: as it is, in JSON, in an address, in base64.</summary>
    private sealed class Secret(string value, string substitute)
    {
        private readonly string[] _forms =
        [
            .. new[]
            {
                value,
                JsonEncodedText.Encode(value).ToString(),
                Uri.EscapeDataString(value),
                Convert.ToBase64String(Encoding.UTF8.GetBytes(value)),
            }.Distinct(StringComparer.OrdinalIgnoreCase),
        ];

        public string RemoveFrom(string text)
        {
            foreach (var form in _forms)
            {
                for (var start = text.IndexOf(form, StringComparison.OrdinalIgnoreCase); start >= 0; start = text.IndexOf(form, start + substitute.Length, StringComparison.OrdinalIgnoreCase))
                    text = text.Remove(start, form.Length).Insert(start, substitute);
            }

            return text;
        }
    }
}
