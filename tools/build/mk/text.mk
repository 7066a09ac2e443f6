# Words and text: what the other files and every Makefile.uk use.

empty :=
space := $(empty) $(empty)
comma := ,
define newline


endef

# Without the double quotes that strings have in .config.
qstrip = $(strip $(subst ",,$(1)))

# Upper and lower case, without starting a shell.
uc = $(subst z,Z,$(subst y,Y,$(subst x,X,$(subst w,W,$(subst v,V,$(subst u,U,$(subst t,T,$(subst s,S,$(subst r,R,$(subst q,Q,$(subst p,P,$(subst o,O,$(subst n,N,$(subst m,M,$(subst l,L,$(subst k,K,$(subst j,J,$(subst i,I,$(subst h,H,$(subst g,G,$(subst f,F,$(subst e,E,$(subst d,D,$(subst c,C,$(subst b,B,$(subst a,A,$(1)))))))))))))))))))))))))))
lc = $(subst Z,z,$(subst Y,y,$(subst X,x,$(subst W,w,$(subst V,v,$(subst U,u,$(subst T,t,$(subst S,s,$(subst R,r,$(subst Q,q,$(subst P,p,$(subst O,o,$(subst N,n,$(subst M,m,$(subst L,l,$(subst K,k,$(subst J,j,$(subst I,i,$(subst H,h,$(subst G,g,$(subst F,f,$(subst E,e,$(subst D,d,$(subst C,c,$(subst B,b,$(subst A,a,$(1)))))))))))))))))))))))))))

# Before a command of a recipe: shown with V=1 only.
Q = $(if $(UK_SHOW_COMMANDS),,@)

# First of a recipe: $(call verbose_cmd,ACTION,what,command) shows the line and runs the command; V=1 shows the command.
verbose_cmd = $(if $(UK_SHOW_COMMANDS),,@printf '  %-8s%s\n' '$(1)' '$(2)'; )$(3)

# $(call build_cmd,ACTION,libx,target,command): the same for one file of a library, whose directory is made.
build_cmd = $(if $(UK_SHOW_COMMANDS),,@)mkdir -p $(dir $(3)) && $(if $(UK_SHOW_COMMANDS),,printf '  %-8s%s\n' '$(1)' '$(2)/$(notdir $(3))' && )$(4)
build_cmd_fixdep = $(build_cmd)
