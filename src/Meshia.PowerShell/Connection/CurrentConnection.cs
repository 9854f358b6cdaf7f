using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Meshia.PowerShell;

/// <summary>
/// The connections of each runspace, and the order in which a key is looked for. They are not shared between runspaces:
/// two runbooks in one process may belong to two accounts, and the wrong account costs somebody else's money.
/// </summary>
internal static class CurrentConnection
{
    public const string KeyVariable = "MESHIA_API_KEY";
    public const string AddressVariable = "MESHIA_BASE_URI";

    /// <summary>What to do where no key is found; it fits behind a sentence.</summary>
    public const string HowToGiveKey = $"Give one in one of three ways: for this session, Connect-Meshia -ApiKey …; in the environment variable {KeyVariable}; or once and for all in a vault, Connect-Meshia -ApiKey … -Save. To try without an account: Start-MeshiaSandbox -Connect";

    private static readonly ConditionalWeakTable<Runspace, State> _states = new();

    private static State Mine => _states.GetOrCreateValue(Runspace.DefaultRunspace);

    public static void Set(MeshiaConnection? connection)
    {
        var state = Mine;
        state.Explicit = connection;
        if (connection is null)
            state.Profiles.Clear();
        else if (connection.KeptBy is { } profile)
            // Perhaps saved just now, with another key.
            state.Profiles.Remove(profile.Name);
    }

    /// <summary>Forgets what is known of a profile that was removed.</summary>
    public static void Forget(string profile)
    {
        var state = Mine;
        state.Profiles.Remove(profile);
        if (string.Equals(state.Explicit?.Profile, profile, StringComparison.OrdinalIgnoreCase))
            state.Explicit = null;
    }

    /// <summary>The connection that needs no vault to be asked, or null; it never fails.</summary>
    /// <param name="profile">The profile that was named, or null.</param>
    public static MeshiaConnection? Peek(string? profile)
    {
        var state = Mine;
        if (profile is not null)
            return state.Profiles.TryGetValue(profile, out var named) ? named : null;
        try
        {
            return state.Explicit ?? FromEnvironment(state) ?? (state.Profiles.TryGetValue(ConnectionProfile.DefaultName, out var byDefault) ? byDefault : null);
        }
        catch (ArgumentException)
        {
            // The environment holds no valid key; the cmdlet itself will say so.
            return null;
        }
    }

    /// <summary>
    /// The connection for a call: of the profile that was named; else the one that Connect-Meshia made; else the
    /// environment's; else the default profile's; else null. A key that the service has refused is read again from the
    /// vault that keeps it; the connection's place is never taken by another account's.
    /// </summary>
    /// <exception cref="ArgumentException">The environment holds no valid key or address.</exception>
    /// <exception cref="KeyNotFoundException">A profile is unknown.</exception>
    /// <exception cref="IOException">The file of profiles cannot be read, or holds an address that is refused.</exception>
    /// <exception cref="SecretVaultException">A vault does not give the key.</exception>
    public static MeshiaConnection? Get(string? profile, SecretVault vault)
    {
        var state = Mine;
        if (profile is not null)
            return FromProfile(state, Require(profile), KeySource.Profile, vault);
        if (state.Explicit is { IsRefused: true, KeptBy: { } keeper } refused)
        {
            var profileNow = Require(keeper.Name);
            var source = refused.KeySource is KeySource.DefaultProfile ? KeySource.DefaultProfile : KeySource.Profile;
            state.Explicit = new(ReadKey(profileNow, vault), source, refused.Options, profileNow);
        }

        return state.Explicit
            ?? FromEnvironment(state)
            ?? (ConnectionProfileFile.Find(ConnectionProfile.DefaultName) is { } byDefault ? FromProfile(state, byDefault, KeySource.DefaultProfile, vault) : null);
    }

    /// <summary>A profile that must be there.</summary>
    /// <exception cref="KeyNotFoundException">It is not.</exception>
    public static ConnectionProfile Require(string name) => ConnectionProfileFile.Find(name)
        ?? throw new KeyNotFoundException((DisplayText)$"There is no profile '{name}'. See which are: Get-MeshiaConnection -ListAvailable; or save it: Connect-Meshia -ApiKey … -Save -Profile {name:command}");

    /// <summary>Whether it is something that <see cref="Get"/> throws.</summary>
    public static bool IsExpected(Exception failure) => failure is ArgumentException or KeyNotFoundException or SecretVaultException or IOException;

    /// <summary>The error record for whatever <see cref="Get"/> throws.</summary>
    public static ErrorRecord ToErrorRecord(Exception failure, string? profile) => failure switch
    {
        SecretVaultException vault => vault.ToErrorRecord(profile),
        IOException => StreamRecord.Error(failure, "ProfileFileError", ErrorCategory.InvalidData, ConnectionProfileFile.FilePath),
        ArgumentException invalid => invalid.ToErrorRecord("InvalidEnvironment", profile),
        _ => StreamRecord.Error(failure, "ProfileNotFound", ErrorCategory.ObjectNotFound, profile),
    };

    /// <summary>The address to use where a user gave none.</summary>
    /// <exception cref="ArgumentException">The environment's address is none.</exception>
    public static Uri DefaultAddress() => Environment.GetEnvironmentVariable(AddressVariable) is not { Length: > 0 } text
        ? MeshiaClientOptions.DefaultBaseUri
        : Uri.TryCreate(text, UriKind.Absolute, out var uri)
            ? uri
            : throw new ArgumentException($"The environment variable {AddressVariable} holds no address: '{text}'. A right one: {MeshiaClientOptions.DefaultBaseUri}");

    private static MeshiaConnection FromProfile(State state, ConnectionProfile profile, KeySource source, SecretVault vault)
    {
        // The file may have been saved anew since, by this process or another.
        if (state.Profiles.TryGetValue(profile.Name, out var known) && !known.IsRefused && known.KeySource == source && IsSame(known.KeptBy!, profile))
            return known;
        var key = ReadKey(profile, vault);
        try
        {
            return state.Profiles[profile.Name] = new(key, source, new() { BaseUri = profile.BaseUri }, profile);
        }
        catch (ArgumentException failure)
        {
            throw new IOException((DisplayText)$"Profile '{profile.Name}' of {ConnectionProfileFile.FilePath} cannot be used. {failure.Sentence():long} Save it again: Connect-Meshia -ApiKey … -BaseUri … -Save -Profile {profile.Name:command}", failure);
        }
    }

    private static bool IsSame(ConnectionProfile one, ConnectionProfile other) =>
        one.BaseUri == other.BaseUri && one.Vault == other.Vault && one.SecretName == other.SecretName;

    /// <summary>The key of a profile.</summary>
    /// <exception cref="SecretVaultException">Its vault does not give it, or gives something that is no key.</exception>
    public static ApiKey ReadKey(ConnectionProfile profile, SecretVault vault)
    {
        try
        {
            return new ApiKey(SecretText.Reveal(vault.Get(profile)));
        }
        catch (ArgumentException failure)
        {
            throw new SecretVaultException("SecretIsNoKey", ErrorCategory.InvalidData, $"Secret '{profile.SecretName}' of vault '{profile.Vault}' is no key. {failure.Sentence():long} {SecretVault.HowToSave(profile)}");
        }
    }

    private static MeshiaConnection? FromEnvironment(State state)
    {
        if (Environment.GetEnvironmentVariable(KeyVariable) is not { Length: > 0 } key)
            return null;
        var address = DefaultAddress();
        if (state.Environment is not { } known || known.Key != key || known.Connection.BaseUri != address)
        {
            try
            {
                state.Environment = (key, new MeshiaConnection(new ApiKey(key), KeySource.Environment, new() { BaseUri = address }));
            }
            catch (ArgumentException failure)
            {
                throw new ArgumentException($"The environment variables {KeyVariable} and {AddressVariable} do not make a connection: {failure.Sentence()}", failure);
            }
        }

        return state.Environment.Value.Connection;
    }

    private sealed class State
    {
        public MeshiaConnection? Explicit { get; set; }

        public (string Key, MeshiaConnection Connection)? Environment { get; set; }

        public Dictionary<string, MeshiaConnection> Profiles { get; } = new(StringComparer.OrdinalIgnoreCase);
    }
}
