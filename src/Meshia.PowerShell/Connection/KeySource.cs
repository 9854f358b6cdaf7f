namespace Meshia;

/// <summary>Where a connection's key came from, in the order in which the places are asked.</summary>
public enum KeySource
{
    /// <summary>From <c>-ApiKey</c>.</summary>
    Parameter,

    /// <summary>From the vault of the profile that was named.</summary>
    Profile,

    /// <summary>From the environment variable <c>MESHIA_API_KEY</c>.</summary>
    Environment,

    /// <summary>From the vault of the profile named <c>default</c>.</summary>
    DefaultProfile,

    /// <summary>Typed by a person who was asked.</summary>
    Prompt,

    /// <summary>Made for a sandbox by <c>Start-MeshiaSandbox</c>.</summary>
    Sandbox,
}
