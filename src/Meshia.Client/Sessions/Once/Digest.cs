using System.Security.Cryptography;
using System.Text;

namespace Meshia;

/// <summary>Short digests for names: the first characters of a SHA-256 in lower case base32 (RFC 4648: a to z, 2 to 7).</summary>
internal static class Digest
{
    private const string Alphabet = "abcdefghijklmnopqrstuvwxyz234567";
    private const int BitsPerCharacter = 5;

    public static string Of(string text, int length)
    {
        using var algorithm = SHA256.Create();
        var hash = algorithm.ComputeHash(Encoding.UTF8.GetBytes(text));
        var characters = new char[length];
        for (var i = 0; i < length; i++)
        {
            var bit = i * BitsPerCharacter;
            var pair = (hash[bit / 8] << 8) | hash[(bit / 8) + 1];
            characters[i] = Alphabet[(pair >> (16 - BitsPerCharacter - (bit % 8))) & 31];
        }

        return new(characters);
    }

    /// <summary>Whether a text consists of characters that <see cref="Of"/> returns.</summary>
    public static bool IsDigest(string text) => text.All(character => character is (>= 'a' and <= 'z') or (>= '2' and <= '7'));
}
