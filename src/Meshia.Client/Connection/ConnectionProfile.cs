namespace Meshia;

/// <summary>A named account: where its service is, and which secret of which vault is its key. It never holds the key.</summary>
public sealed class ConnectionProfile
{
    /// <summary>The name of the profile that is used where none is named.</summary>
    public const string DefaultName = "default";

    /// <summary>Its name; letters, digits, <c>.</c>, <c>_</c> and <c>-</c>, whatever their case.</summary>
    public required string Name { get; init; }

    /// <summary>The name.</summary>
    public override string ToString() => Name;

    /// <summary>Where the service is.</summary>
    public required Uri BaseUri { get; init; }

    /// <summary>The SecretManagement vault that keeps the key.</summary>
    public required string Vault { get; init; }

    /// <summary>The key's name in the vault.</summary>
    public required string SecretName { get; init; }

    /// <summary>A name that a profile can have.</summary>
    public const string NamePattern = "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$";
}
