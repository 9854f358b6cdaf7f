using System.Management.Automation;
using System.Management.Automation.Runspaces;
using System.Runtime.CompilerServices;

namespace Meshia.PowerShell;

/// <summary>
/// The connection of each runspace. It is not shared between them: two runbooks in one process may belong to two
/// accounts, and the wrong account costs somebody else's money.
/// </summary>
internal static class CurrentConnection
{
    public const string KeyVariable = "MESHIA_API_KEY";
    public const string AddressVariable = "MESHIA_BASE_URI";

    private static readonly ConditionalWeakTable<Runspace, State> _states = new();

    /// <summary>The connection in force, or null: the one that Connect-Meshia made, else the environment's.</summary>
    /// <exception cref="ArgumentException">The environment holds no valid key or address.</exception>
    public static MeshiaConnection? Get()
    {
        var state = _states.GetOrCreateValue(Runspace.DefaultRunspace);
        return state.Explicit ?? FromEnvironment(state);
    }

    public static void Set(MeshiaConnection? connection) => _states.GetOrCreateValue(Runspace.DefaultRunspace).Explicit = connection;

    /// <summary>The connection in force; where there is none, a terminating error that says how to make one.</summary>
    public static MeshiaConnection Require(PSCmdlet cmdlet)
    {
        try
        {
            if (Get() is { } connection)
                return connection;
        }
        catch (ArgumentException failure)
        {
            cmdlet.ThrowTerminatingError(new ErrorRecord(failure, "InvalidEnvironment", ErrorCategory.InvalidArgument, null));
        }

        const string message = $"There is no Meshia API key. Give one in one of three ways: Connect-Meshia -ApiKey …, or the environment variable {KeyVariable}, or, to try without an account, Start-MeshiaSandbox -Connect.";
        cmdlet.ThrowTerminatingError(new ErrorRecord(new InvalidOperationException(message), "NotConnected", ErrorCategory.ConnectionError, null));
        throw new PSInvalidOperationException(message);
    }

    /// <summary>The address to use where a user gave none.</summary>
    /// <exception cref="ArgumentException">The environment's address is none.</exception>
    public static Uri DefaultAddress() => Environment.GetEnvironmentVariable(AddressVariable) is not { Length: > 0 } text
        ? MeshiaClientOptions.DefaultBaseUri
        : Uri.TryCreate(text, UriKind.Absolute, out var uri)
            ? uri
            : throw new ArgumentException($"The environment variable {AddressVariable} holds no address: '{text}'. A right one: {MeshiaClientOptions.DefaultBaseUri}");

    private static MeshiaConnection? FromEnvironment(State state)
    {
        if (Environment.GetEnvironmentVariable(KeyVariable) is not { Length: > 0 } key)
            return null;
        var address = DefaultAddress();
        if (state.Environment is not { } known || known.Key != key || known.Connection.BaseUri != address)
        {
            try
            {
                state.Environment = (key, new MeshiaConnection(new ApiKey(key), "Environment", new() { BaseUri = address }));
            }
            catch (ArgumentException failure)
            {
                throw new ArgumentException($"The environment variables {KeyVariable} and {AddressVariable} do not make a connection: {failure.Message}", failure);
            }
        }

        return state.Environment.Value.Connection;
    }

    private sealed class State
    {
        public MeshiaConnection? Explicit { get; set; }

        public (string Key, MeshiaConnection Connection)? Environment { get; set; }
    }
}
