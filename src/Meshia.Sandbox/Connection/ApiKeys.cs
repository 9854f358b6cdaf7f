using System.Security.Cryptography;
using System.Text;
using Dapper;
using Meshia.Sandbox.Time;

namespace Meshia.Sandbox.Connection;

/// <summary>A key of an account. The key itself is not kept, only its hash.</summary>
internal sealed record ApiKey(string Id, Account Account, DateTimeOffset CreatedAt)
{
    public const string Prefix = "msh_";

    public DateTimeOffset? RevokedAt { get; set; }

    public RateWindow Rate { get; } = new();

    public static string Generate() => $"{Prefix}sandbox_{RandomNumberGenerator.GetHexString(40, lowercase: true)}";
}

/// <summary>The keys that the sandbox accepts: the one it was started with, and those that were added.</summary>
internal sealed class ApiKeys
{
    private readonly Lock _gate = new();
    private readonly Database _database;
    private readonly SandboxClock _clock;
    private readonly Seed _seed;
    private readonly string _mainHash;
    private readonly ApiKey _main;
    private Dictionary<string, ApiKey> _byHash = [];

    public ApiKeys(string mainKey, Plan mainPlan, Database database, Seed seed, SandboxClock clock)
    {
        (_database, _seed, _clock, _mainHash) = (database, seed, clock, Hash(mainKey));
        _main = new("key_main", new(Account.Main, mainPlan), clock.Now);
        Load();
    }

    public IReadOnlyList<ApiKey> All
    {
        get
        {
            lock (_gate)
                return [.. _byHash.Values];
        }
    }

    /// <summary>The key with this text, revoked or not. What takes time is the hash, which is the same for any text.</summary>
    public ApiKey? Find(string offered)
    {
        var hash = Hash(offered);
        lock (_gate)
            return _byHash.GetValueOrDefault(hash);
    }

    /// <summary>Whether this key may use the part of the sandbox that the real service does not have.</summary>
    public bool IsMain(ApiKey key) => ReferenceEquals(key, _main);

    public Account AccountOf(string name)
    {
        lock (_gate)
            return _byHash.Values.FirstOrDefault(key => key.Account.Name == name)?.Account ?? throw ApiException.NotFound("account", name);
    }

    public (ApiKey Key, string Text) Add(string account, Plan plan)
    {
        lock (_gate)
        {
            if (_byHash.Values.FirstOrDefault(key => key.Account.Name == account) is { } known && known.Account.Plan != plan)
                throw ApiException.Conflict("account_exists", $"The account '{account}' has the {known.Account.Plan.Name} plan.");
            var text = ApiKey.Generate();
            var key = _database.Write(connection =>
            {
                var added = new ApiKey(_seed.Id("key", Database.NextNumber(connection, "keys")), new(account, plan), _clock.Now);
                connection.Execute("INSERT OR IGNORE INTO accounts (name, plan) VALUES (@account, @Name)", new { account, plan.Name });
                connection.Execute(
                    "INSERT INTO keys (id, account, hash, created_at) VALUES (@Id, @account, @hash, @CreatedAt)",
                    new { added.Id, account, hash = Hash(text), added.CreatedAt });
                return added;
            });
            _byHash.Add(Hash(text), key);
            return (key, text);
        }
    }

    /// <summary>[D] A key can be revoked at any moment. That of the start is valid again after a restart.</summary>
    public ApiKey SetRevoked(string id, bool revoked)
    {
        lock (_gate)
        {
            var key = _byHash.Values.FirstOrDefault(key => key.Id == id) ?? throw ApiException.NotFound("key", id);
            key.RevokedAt = revoked ? _clock.Now : null;
            _database.Write(connection => connection.Execute("UPDATE keys SET revoked_at = @RevokedAt WHERE id = @Id", new { key.RevokedAt, key.Id }));
            return key;
        }
    }

    /// <summary>Reads the keys that the database holds.</summary>
    public void Load()
    {
        lock (_gate)
        {
            _main.RevokedAt = null;
            _main.Rate.Reset();
            _byHash = [];
            _database.Read(
                "SELECT hash, id, account, plan, created_at, revoked_at FROM keys JOIN accounts ON accounts.name = account ORDER BY seq",
                row => _byHash.Add(row.GetString(0), new ApiKey(row.GetString(1), new(row.GetString(2), Plan.Find(row.GetString(3))!), DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(4)))
                {
                    RevokedAt = row.IsDBNull(5) ? null : DateTimeOffset.FromUnixTimeMilliseconds(row.GetInt64(5)),
                }));
            _byHash[_mainHash] = _main;
        }
    }

    private static string Hash(string key) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(key)));
}
