using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Meshia.PowerShell;

/// <summary>
/// The connections of each runspace, and the order in which a key is looked for. They are not shared between runspaces:
/// two runbooks in one process may belong to two accounts, and the wrong account costs another person money. For the same
/// reason they end when the state of the runspace is reset, and after a choice of account that failed nothing is connected.
/// </summary>
internal static class CurrentConnection
{
    public const string KeyVariable = "MESHIA_API_KEY";
    public const string AddressVariable = "MESHIA_BASE_URI";

    /// <summary>What no process that the module starts gets in its environment.</summary>
    public static readonly string[] SecretVariables = [KeyVariable, ClientCertificateFile.PasswordVariable];

    /// <summary>What to do where no key is found; it fits behind a sentence.</summary>
    public const string HowToGiveKey = $"Use one of these: Connect-Meshia -ApiKey … for this session; the environment variable {KeyVariable}; or Connect-Meshia -ApiKey … -Save to keep the key in a vault. To try the module without an account: Start-MeshiaSandbox -Connect";

    private static readonly ConditionalWeakTable<Runspace, State> _states = new();

    /// <summary>Reads a variable that every reset of a runspace creates again, and that cannot be removed or replaced.</summary>
    private static readonly ScriptBlock _engine = ScriptBlock.Create("$ExecutionContext");

    private static State Mine
    {
        get
        {
            var runspace = Runspace.DefaultRunspace;
            var mark = ((EngineIntrinsics)PSObject.AsPSObject(_engine.InvokeReturnAsIs()).BaseObject).SessionState.PSVariable.Get("global:Host");
            if (_states.TryGetValue(runspace, out var known) && ReferenceEquals(known.Mark, mark))
                return known;
            // ForEach-Object -Parallel and hosts such as Azure Functions reset a runspace and use it for another caller.
            _states.Remove(runspace);
            var state = new State(mark);
            _states.Add(runspace, state);
            return state;
        }
    }

    /// <summary>Uses a connection from now on.</summary>
    public static void Set(MeshiaConnection connection)
    {
        var state = Mine;
        (state.Explicit, state.FailedChoice) = (connection, null);
        // Perhaps saved just now, with another key.
        if (connection.KeptBy is { } profile)
            state.Profiles.Remove(profile.Name);
    }

    /// <summary>Forgets the connection. After Connect-Meshia failed, there is none until it succeeds.</summary>
    public static void Clear()
    {
        var state = Mine;
        state.Explicit = null;
        state.Profiles.Clear();
    }

    /// <summary>Begins a choice of account: nothing is connected until <see cref="Set"/>, or until it is withdrawn.</summary>
    /// <param name="command">The command that chooses.</param>
    /// <returns>Withdraws the choice: everything is as it was before.</returns>
    public static Action BeginChoice(string command)
    {
        var state = Mine;
        var before = (state.Explicit, state.FailedChoice);
        (state.Explicit, state.FailedChoice) = (null, command);
        return () => (state.Explicit, state.FailedChoice) = before;
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
        if (state.FailedChoice is not null)
            return null;
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
    /// The connection for a call: the one that was given; else of the profile that was named; else the one that
    /// Connect-Meshia made; else the environment's; else the default profile's; else null. A key that the service has refused
    /// is read again from the vault that keeps it; the connection's place is never taken by another account's.
    /// </summary>
    /// <exception cref="FailedChoiceException">The last choice of an account failed.</exception>
    /// <exception cref="ArgumentException">The environment holds no valid key or address.</exception>
    /// <exception cref="KeyNotFoundException">A profile is unknown.</exception>
    /// <exception cref="IOException">The file of profiles cannot be read, or holds an address that is refused.</exception>
    /// <exception cref="SecretVaultException">A vault does not give the key.</exception>
    public static MeshiaConnection? Get(MeshiaConnection? given, string? profile, SecretVault vault)
    {
        if (given is not null)
            return Renew(given, vault);
        var state = Mine;
        if (profile is not null)
            return FromProfile(state, Require(profile), KeySource.Profile, vault);
        if (state.FailedChoice is { } command)
            throw new FailedChoiceException(command);
        if (state.Explicit is { } connection)
            state.Explicit = Renew(connection, vault);

        return state.Explicit
            ?? FromEnvironment(state)
            ?? (ConnectionProfileFile.Find(ConnectionProfile.DefaultName) is { } byDefault ? FromProfile(state, byDefault, KeySource.DefaultProfile, vault) : null);
    }

    /// <summary>The connection itself, or one with the key that the vault keeps now where the service has refused the key.</summary>
    private static MeshiaConnection Renew(MeshiaConnection connection, SecretVault vault)
    {
        if (connection is not { IsRefused: true, KeptBy: { } keeper })
            return connection;
        var profile = Require(keeper.Name);
        var source = connection.KeySource is KeySource.DefaultProfile ? KeySource.DefaultProfile : KeySource.Profile;
        var key = ReadKey(profile, vault);
        // A profile that now has another address or vault may be another account.
        if (IsSame(keeper, profile))
            SessionKeeper.Renew(connection.BaseUri, connection.Client.Transport.Key, key);
        return new(key, source, connection.Options, profile);
    }

    /// <summary>The current key in the vault after the service refused the old one; null if it is the same or cannot be read.</summary>
    /// <param name="connection">The connection; the next command makes one of its own with the other key.</param>
    /// <param name="refused">The key that is refused.</param>
    /// <param name="vault">The vault.</param>
    /// <param name="tell">Gets the reason why no other key is returned.</param>
    public static ApiKey? Renew(MeshiaConnection connection, ApiKey refused, SecretVault vault, Action<DisplayText> tell)
    {
        connection.IsRefused = true;
        try
        {
            var (kept, profile) = (connection.KeptBy!, Require(connection.KeptBy!.Name));
            // A profile that now has another address or vault may be another account.
            if (!IsSame(kept, profile) || ReadKey(profile, vault) is not { } key || key.Reveal() == refused.Reveal())
                return null;
            SessionKeeper.Renew(connection.BaseUri, refused, key);
            return key;
        }
        catch (Exception failure) when (IsExpected(failure))
        {
            tell($"The service refuses the key, and the vault cannot be read again: {failure.Message:long}");
            return null;
        }
    }

    /// <summary>A profile that must be there.</summary>
    /// <exception cref="KeyNotFoundException">It is not.</exception>
    public static ConnectionProfile Require(string name) => ConnectionProfileFile.Find(name)
        ?? throw new KeyNotFoundException((DisplayText)$"There is no profile '{name}'. To list the profiles: Get-MeshiaConnection -ListAvailable. To save this one: Connect-Meshia -ApiKey … -Save -Profile {name:command}");

    /// <summary>Whether it is something that <see cref="Get"/> throws.</summary>
    public static bool IsExpected(Exception failure) => failure is ArgumentException or KeyNotFoundException or SecretVaultException or IOException or FailedChoiceException;

    /// <summary>The error record for the exceptions of <see cref="Get"/>.</summary>
    public static ErrorRecord ToErrorRecord(Exception failure, string? profile) => failure switch
    {
        SecretVaultException vault => vault.ToErrorRecord(profile),
        FailedChoiceException => StreamRecord.Error(failure, "AccountNotChosen", ErrorCategory.ConnectionError, null),
        IOException => StreamRecord.Error(failure, "ProfileFileError", ErrorCategory.InvalidData, ConnectionProfileFile.FilePath),
        ArgumentException invalid => invalid.ToErrorRecord("InvalidEnvironment", profile),
        _ => StreamRecord.Error(failure, "ProfileNotFound", ErrorCategory.ObjectNotFound, profile),
    };

    /// <summary>The address to use if the user gave none.</summary>
    /// <exception cref="ArgumentException">The environment variable is not an address.</exception>
    public static Uri DefaultAddress() => Environment.GetEnvironmentVariable(AddressVariable) is not { Length: > 0 } text
        ? MeshiaClientOptions.DefaultBaseUri
        : Uri.TryCreate(text, UriKind.Absolute, out var uri)
            ? uri
            : throw new ArgumentException($"The environment variable {AddressVariable} is not an address: '{text}'. Example: {MeshiaClientOptions.DefaultBaseUri}");

    private static MeshiaConnection FromProfile(State state, ConnectionProfile profile, KeySource source, SecretVault vault)
    {
        // The file may have been saved again since, by this process or another.
        if (state.Profiles.TryGetValue(profile.Name, out var known) && !known.IsRefused && known.KeySource == source && IsSame(known.KeptBy!, profile) && ConnectionProfileFile.HaveSameSettings(known.KeptBy!, profile))
            return known;
        var key = ReadKey(profile, vault);
        // Not a fault of the profile.
        _ = RequestBudget.LimitFromEnvironment();
        var certificate = ClientCertificateChoice.Find(profile.BaseUri, profile);
        try
        {
            return state.Profiles[profile.Name] = new(key, source, new() { BaseUri = profile.BaseUri, Policy = profile.Policy, SettleTime = profile.SettleTime, ClientCertificate = certificate }, profile);
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
            throw new SecretVaultException("SecretIsNoKey", ErrorCategory.InvalidData, $"Secret '{profile.SecretName}' of vault '{profile.Vault}' is not a key. {failure.Sentence():long} {SecretVault.HowToSave(profile)}");
        }
    }

    private static MeshiaConnection? FromEnvironment(State state)
    {
        if (Environment.GetEnvironmentVariable(KeyVariable) is not { Length: > 0 } key)
            return null;
        var (address, path) = (DefaultAddress(), ClientCertificateChoice.PathFromEnvironment);
        if (state.Environment is not { } known || known.Key != key || known.CertificatePath != path || known.Connection.BaseUri != address)
        {
            var certificate = ClientCertificateChoice.Find(address, null);
            try
            {
                state.Environment = (key, path, new MeshiaConnection(new ApiKey(key), KeySource.Environment, new() { BaseUri = address, ClientCertificate = certificate }));
            }
            catch (ArgumentException failure)
            {
                throw new ArgumentException($"The environment variables {KeyVariable} and {AddressVariable} do not have valid values: {failure.Sentence()}", failure);
            }
        }

        return state.Environment.Value.Connection;
    }

    /// <param name="mark">The variable that a reset of the runspace replaces.</param>
    private sealed class State(PSVariable mark)
    {
        public PSVariable Mark => mark;

        public MeshiaConnection? Explicit { get; set; }

        /// <summary>The command that was to choose an account, and did not; null if none failed.</summary>
        public string? FailedChoice { get; set; }

        public (string Key, string? CertificatePath, MeshiaConnection Connection)? Environment { get; set; }

        public Dictionary<string, MeshiaConnection> Profiles { get; } = new(StringComparer.OrdinalIgnoreCase);
    }
}

/// <summary>The last choice of an account failed: to use any other account would be a guess that may cost money.</summary>
internal sealed class FailedChoiceException(string command) : InvalidOperationException(
    $"There is no connection, because the last {command} failed. No other account is used. Run Connect-Meshia again (without parameters it uses the key of the environment or of the default profile), or choose an account for this command with -Profile or -Connection.");
