using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Meshia.Sandbox;

/// <summary>Where everything that looks random comes from: the same seed and the same parts give the same answer.</summary>
internal sealed class Seed(long value)
{
    private long _value = value;

    public long Value => Interlocked.Read(ref _value);

    private static readonly string[] _adjectives =
        ["amber", "brisk", "calm", "dapper", "eager", "fuzzy", "gentle", "hazy", "ivory", "jolly", "keen", "lucid", "mellow", "nimble", "opal", "proud"];

    private static readonly string[] _nouns =
        ["badger", "comet", "dune", "ember", "falcon", "glade", "harbor", "iris", "juniper", "kestrel", "lagoon", "maple", "nebula", "otter", "pine", "quartz"];

    public byte[] Hash(params ReadOnlySpan<string> parts) =>
        SHA256.HashData(Encoding.UTF8.GetBytes($"{Value}\0{string.Join('\0', parts)}"));

    /// <summary>Takes over the seed of an imported state.</summary>
    public void Restore(long seed) => Interlocked.Exchange(ref _value, seed);

    /// <summary>A number from 0 up to, but not including, 1.</summary>
    public double Fraction(params ReadOnlySpan<string> parts) =>
        (BinaryPrimitives.ReadUInt64LittleEndian(Hash(parts)) >> 11) / (double)(1UL << 53);

    public string Id(string prefix, params ReadOnlySpan<string> parts) =>
        $"{prefix}_{Convert.ToHexStringLower(Hash([prefix, .. parts]))[..16]}";

    public Random Random(params ReadOnlySpan<string> parts) =>
        new(BinaryPrimitives.ReadInt32LittleEndian(Hash(parts)));

    public string Name(params ReadOnlySpan<string> parts)
    {
        var hash = Hash(["name", .. parts]);
        return $"{_adjectives[hash[0] % _adjectives.Length]}-{_nouns[hash[1] % _nouns.Length]}";
    }
}
