using System.Collections.Concurrent;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Meshia.Sandbox.Time;

namespace Meshia.Sandbox.Artifacts;

/// <summary>[D] An address that lets anyone who has it read one artifact for an hour. With one seed its signature is the same each time.</summary>
internal sealed class SignedUrl(Seed seed, SandboxClock clock)
{
    private static readonly TimeSpan _validity = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<string, bool> _expired = new();

    public (Uri Url, DateTimeOffset ExpiresAt) Make(Uri storage, string artifactId)
    {
        var expires = DateTimeOffset.FromUnixTimeSeconds((clock.Now + _validity).ToUnixTimeSeconds());
        var seconds = expires.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture);
        var signature = Sign(artifactId, seconds);
        _expired.TryRemove(signature, out _);
        return (new Uri(storage, $"/artifacts/{artifactId}?expires={seconds}&signature={signature}"), expires);
    }

    public bool IsGenuine(string artifactId, string expires, string signature) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(Sign(artifactId, expires)), Encoding.UTF8.GetBytes(signature));

    /// <summary>Only a genuine address has an expiry that can be read.</summary>
    public bool IsExpired(string expires, string signature) =>
        _expired.ContainsKey(signature) || clock.Now >= DateTimeOffset.FromUnixTimeSeconds(long.Parse(expires, CultureInfo.InvariantCulture));

    /// <summary>Lets an address expire before its time. If it is requested again within the same second, it is the same address, and valid again.</summary>
    public void Expire(string signature) => _expired[signature] = true;

    public void Reset() => _expired.Clear();

    private string Sign(string artifactId, string expires) =>
        Convert.ToHexStringLower(HMACSHA256.HashData(seed.Hash("url_key"), Encoding.UTF8.GetBytes($"{artifactId}\n{expires}")));
}
