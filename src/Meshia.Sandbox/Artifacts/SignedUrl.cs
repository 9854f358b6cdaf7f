using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace Meshia.Sandbox.Artifacts;

/// <summary>[D] An address that lets anyone who has it read one artifact for an hour.</summary>
internal sealed class SignedUrl(Database database, TimeProvider time)
{
    private static readonly TimeSpan _validity = TimeSpan.FromHours(1);

    // Stored, so that an address outlives a restart; random whatever the seed, so that none can be made up.
    private readonly byte[] _key = Convert.FromHexString(database.Setting("url_key", RandomNumberGenerator.GetHexString(64)));

    public (Uri Url, DateTimeOffset ExpiresAt) Make(Uri storage, string artifactId)
    {
        var expires = DateTimeOffset.FromUnixTimeSeconds((time.GetUtcNow() + _validity).ToUnixTimeSeconds());
        var seconds = expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        return (new Uri(storage, $"/artifacts/{artifactId}?expires={seconds}&signature={Sign(artifactId, seconds)}"), expires);
    }

    public bool IsGenuine(string artifactId, string expires, string signature) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign(artifactId, expires)), Encoding.UTF8.GetBytes(signature));

    /// <summary>Only a genuine address has an expiry that can be read.</summary>
    public bool IsExpired(string expires) =>
        time.GetUtcNow() >= DateTimeOffset.FromUnixTimeSeconds(long.Parse(expires, CultureInfo.InvariantCulture));

    private string Sign(string artifactId, string expires) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes($"{artifactId}\n{expires}")));
}
